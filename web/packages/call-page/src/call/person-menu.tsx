import { Menu, MenuItem } from "@parlor/ui";
import type { Participant } from "@parlor/engine";
import { useLayoutEffect, useRef } from "preact/hooks";

import { abilitiesOf } from "../abilities.ts";
import { actAsHost, hostActs, type HostAct } from "../host.ts";
import { useCall, usePage, useUi } from "../page.ts";
import type { Texts } from "../texts.ts";
import type { OpenMenu } from "../ui-state.ts";
import { nameOf } from "../watch.ts";
import { togglePin } from "./pin.ts";

/** Between the menu and the edges of the window. */
const MARGIN = 8;

/** What can be done with somebody; the same from a tile and from the list of people. */
export function PersonMenu(props: { person: Participant; menu: OpenMenu }) {
  const page = usePage();
  const { texts } = page.language;
  const { person } = props;
  const own = useCall((state) => state.local.id);
  const isHandUp = useUi((ui) => ui.hands.has(person.id));
  const isAdmin = useCall((state) => abilitiesOf(page, state).admin);
  const close = () => page.ui.update({ menu: null });
  const choose = (act: () => void) => () => {
    close();
    act();
  };
  const name = nameOf(page, person);
  const menu = person.id === own ? <OwnItems choose={choose} /> : <OtherItems person={person} choose={choose} acts={isAdmin ? hostActs(person, { isHandUp }) : []} />;
  return (
    <Nearby>
      <Menu name={texts.people.actions(name)} onClose={close}>{menu}</Menu>
    </Nearby>
  );
}

type Choose = (act: () => void) => () => void;

function OtherItems(props: { person: Participant; choose: Choose; acts: readonly HostAct[] }) {
  const page = usePage();
  const { texts } = page.language;
  const { person, choose, acts } = props;
  const isPinned = useUi((ui) => ui.pinned === person.id);
  const name = nameOf(page, person);
  return (
    <>
      <MenuItem onChoose={choose(() => togglePin(page.ui, person.id))}>{isPinned ? texts.stage.unpin(name) : texts.stage.pin(name)}</MenuItem>
      {acts.length > 0 ? <hr /> : null}
      {acts.map((act) => <MenuItem key={act} onChoose={choose(() => actAsHost(page, person.id, act))}>{wordFor(act, texts)}</MenuItem>)}
    </>
  );
}

function OwnItems(props: { choose: Choose }) {
  const page = usePage();
  const { texts } = page.language;
  const isHidden = useUi((ui) => ui.isSelfHidden);
  const isRenamable = useUi((ui) => page.embedded === null || ui.outline.mayRename);
  const mayRename = useCall((state) => !(state.effective?.is_name_fixed ?? false)) && isRenamable;
  return (
    <>
      <MenuItem onChoose={props.choose(() => page.ui.update({ isSelfHidden: !isHidden }))}>{isHidden ? texts.stage.showSelf : texts.stage.hideSelf}</MenuItem>
      {mayRename ? <MenuItem onChoose={props.choose(() => page.ui.update({ dialog: "rename" }))}>{texts.people.rename}</MenuItem> : null}
    </>
  );
}

function wordFor(act: HostAct, { people }: Texts): string {
  const words: Readonly<Record<HostAct, string>> = {
    mute: people.mute,
    "ask-unmute": people.askUnmute,
    "stop-video": people.stopVideo,
    "ask-video": people.askVideo,
    "stop-share": people.stopShare,
    "lower-hand": people.lowerHand,
    "make-host": people.makeHost,
    "unmake-host": people.unmakeHost,
    "let-speak": people.letSpeak,
    "no-longer-speak": people.noLongerSpeak,
    remove: people.remove,
  };
  return words[act];
}

/** Puts a menu beside its button, wherever there is room, even where the button's box cuts off what sticks out. */
export function Nearby(props: { children: preact.ComponentChildren }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = ref.current;
    const button = box?.parentElement?.getBoundingClientRect();
    const menu = box?.querySelector<HTMLElement>("[role=menu]");
    if (!box || !button || !menu) return;
    const { width, height } = menu.getBoundingClientRect();
    const below = button.bottom + MARGIN;
    const top = below + height <= innerHeight - MARGIN ? below : Math.max(MARGIN, button.top - MARGIN - height);
    const left = Math.max(MARGIN, Math.min(button.right - width, innerWidth - width - MARGIN));
    menu.style.left = `${left}px`;
    menu.style.top = `${top}px`;
  }, []);
  return <div class="nearby" ref={ref}>{props.children}</div>;
}
