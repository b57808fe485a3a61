import { AuditIcon, Avatar, Button, Dialog, Icon, IconButton, type IconShape, KeyIcon, Mark, Menu, MenuIcon, MenuItem, PeopleIcon, ReferenceIcon, RemovedIcon, SessionsIcon, SwitchIcon, ThemeIcon, applyTheme, storedTheme, type Theme } from "@parlor/ui";
import { useState } from "preact/hooks";

import { follow } from "./address.ts";
import { allows } from "./model/permissions.ts";
import { addressOf, NEEDS, type PlaceId } from "./model/place.ts";
import { usePage } from "./page.ts";
import { texts } from "./texts.ts";

interface Link {
  readonly href: string;
  readonly text: string;
  readonly icon: IconShape;
  readonly place: PlaceId | null;
}

const ICONS: Record<PlaceId, IconShape> = { "api-keys": KeyIcon, members: PeopleIcon, audit: AuditIcon };
const REFERENCE: Link = { href: "/docs", text: texts.nav.reference, icon: ReferenceIcon, place: null };
const SESSIONS: Link = { href: "/account/sessions", text: texts.nav.sessions, icon: SessionsIcon, place: null };

/** A page as the navigation has it; none that the person may not see. */
function usePlaces() {
  const { held } = usePage();
  return (place: PlaceId): Link | null => {
    const need = NEEDS[place];
    if (need !== null && !allows(held, need)) return null;
    return { href: addressOf(place), text: texts.nav.places[place], icon: ICONS[place], place };
  };
}

function NavLink(props: { of: Link | null; place: PlaceId | null; size?: number }) {
  const { go } = usePage();
  const { of: link } = props;
  if (link === null) return null;
  const isHere = link.place !== null && link.place === props.place;
  return (
    <a
      href={link.href}
      aria-current={isHere ? "page" : undefined}
      onClick={(event) => {
        // Other pages of the server are pages of their own.
        if (link.place !== null) follow(event, go, link.href);
      }}
    >
      <Icon of={link.icon} size={props.size ?? 18} />
      {link.text}
    </a>
  );
}

/** The navigation at the left of a desk. */
export function Sidebar(props: { place: PlaceId | null }) {
  const link = usePlaces();
  return (
    <aside class="side" aria-label={texts.nav.sidebar}>
      <div class="in">
        <OrganizationSwitch />
        <nav aria-label={texts.nav.name}>
          <h2>{texts.nav.build}</h2>
          <NavLink of={link("api-keys")} place={props.place} />
          <NavLink of={REFERENCE} place={props.place} />
          <h2>{texts.nav.people}</h2>
          <NavLink of={link("members")} place={props.place} />
          <NavLink of={link("audit")} place={props.place} />
          <h2>{texts.nav.account}</h2>
          <NavLink of={SESSIONS} place={props.place} />
        </nav>
        <Me />
      </div>
    </aside>
  );
}

/** The navigation at the bottom of a phone. */
export function BottomBar(props: { place: PlaceId | null }) {
  const [isOpen, setOpen] = useState(false);
  const link = usePlaces();
  return (
    <>
      <nav class="tb" aria-label={texts.nav.name}>
        <NavLink of={link("api-keys")} place={props.place} size={21} />
        <NavLink of={link("members")} place={props.place} size={21} />
        <NavLink of={link("audit")} place={props.place} size={21} />
        <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <Icon of={MenuIcon} size={21} />
          {texts.nav.more}
        </button>
      </nav>
      {isOpen ? <MoreSheet place={props.place} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function MoreSheet(props: { place: PlaceId | null; onClose: () => void }) {
  const page = usePage();
  return (
    <Dialog title={texts.nav.more} closeName={texts.close} look="sheet" onClose={props.onClose}>
      <div class="more">
        {page.organizations.length > 1 ? (
          <div>
            <h3>{texts.nav.organization}</h3>
            {page.organizations.map((one) => (
              <button key={one.id} type="button" class="line" aria-pressed={one.id === page.organization.id} onClick={() => page.choose(one.id)}>{one.name}</button>
            ))}
          </div>
        ) : null}
        <div class="line"><NavLink of={REFERENCE} place={props.place} /></div>
        <div class="line"><NavLink of={SESSIONS} place={props.place} /></div>
        <ThemeRow />
        <Button icon={RemovedIcon} isWide onClick={page.signOut}>{texts.nav.signOut}</Button>
      </div>
    </Dialog>
  );
}

function ThemeRow() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <div class="seg" role="group" aria-label={texts.nav.theme}>
      {THEMES.map((one) => (
        <button key={one} type="button" aria-pressed={one === theme} onClick={() => chooseTheme(one, setTheme)}>{texts.nav.themes[one]}</button>
      ))}
    </div>
  );
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];

function chooseTheme(theme: Theme, set: (theme: Theme) => void): void {
  applyTheme(theme);
  set(theme);
}

/** The organization, and, where there are several, the others. */
function OrganizationSwitch() {
  const page = usePage();
  const [isOpen, setOpen] = useState(false);
  const label = (
    <>
      <Mark />
      <span><b>{page.organization.name}</b><small>{new URL(page.origin).host}</small></span>
    </>
  );
  if (page.organizations.length < 2) return <div class="org">{label}</div>;
  const choose = (id: string) => () => {
    setOpen(false);
    page.choose(id);
  };
  return (
    <div class="pop" data-menu-owner>
      <button type="button" class="org" aria-haspopup="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {label}
        <span class="vh">{texts.nav.switchOrganization}</span>
        <Icon of={SwitchIcon} size={16} />
      </button>
      {isOpen ? (
        <Menu name={texts.nav.organization} class="below" onClose={() => setOpen(false)}>
          {page.organizations.map((one) => <MenuItem key={one.id} isChecked={one.id === page.organization.id} onChoose={choose(one.id)}>{one.name}</MenuItem>)}
        </Menu>
      ) : null}
    </div>
  );
}

/** Who is signed in, the theme, and the way out. */
function Me() {
  const page = usePage();
  const [open, setOpen] = useState<"theme" | null>(null);
  const [theme, setTheme] = useState(storedTheme);
  const role = page.members.find(({ userId }) => userId === page.me.id)?.role;
  return (
    <div class="me">
      <Avatar name={page.me.name} userId={page.me.id} size={30} />
      <span class="x">{page.me.name}<small>{role ? texts.roles[role] : page.me.email}</small></span>
      <span class="pop" data-menu-owner>
        <IconButton name={texts.nav.theme} icon={ThemeIcon} size="s" iconSize={17} menu={open === "theme"} onClick={() => setOpen(open ? null : "theme")} />
        {open === "theme" ? (
          <Menu name={texts.nav.theme} class="up" onClose={() => setOpen(null)}>
            {THEMES.map((one) => <MenuItem key={one} isChecked={one === theme} onChoose={() => chooseTheme(one, (to) => { setTheme(to); setOpen(null); })}>{texts.nav.themes[one]}</MenuItem>)}
          </Menu>
        ) : null}
      </span>
      <IconButton name={texts.nav.signOut} icon={RemovedIcon} size="s" iconSize={17} onClick={page.signOut} />
    </div>
  );
}
