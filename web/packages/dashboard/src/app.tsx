import { Button } from "@parlor/ui";
import { useEffect, useRef } from "preact/hooks";

import { useAddress } from "./address.ts";
import { AuditPage } from "./audit/audit-page.tsx";
import { FaceError, type Face } from "./face/face.ts";
import { KeysPage, type OpenDialog } from "./keys/keys-page.tsx";
import { MembersPage, type OpenMemberDialog } from "./members/members-page.tsx";
import { heldBy } from "./model/people.ts";
import { allows } from "./model/permissions.ts";
import { addressOf, NEEDS, placeOf, type PlaceId } from "./model/place.ts";
import { BottomBar, Sidebar } from "./nav.tsx";
import { failureText, PageProvider, usePage, type Page } from "./page.ts";
import { NotAllowed } from "./pieces/not-allowed.tsx";
import { texts } from "./texts.ts";
import { useWorkspace } from "./workspace.ts";

/** What stands in front of a page from the beginning. */
export interface Initial {
  readonly keys?: OpenDialog;
  readonly members?: OpenMemberDialog;
  readonly links?: ReadonlyMap<string, string>;
}

type AppProps = {
  face: Face;
  origin: string;
  /** Where in the dashboard one begins: path and query. */
  start: string;
  signOut: () => void;
  /** The session is over: to the sign-in page and back. */
  signIn: () => void;
  initial?: Initial;
};

/** The dashboard: navigation, and one page of it. */
export function App(props: AppProps) {
  const { address, go } = useAddress(props.start);
  const { workspace, again, refresh, choose } = useWorkspace(props.face, address.query.get("organization"));
  const links = useRef(new Map(props.initial?.links));
  switch (workspace.state) {
    case "loading":
      return <p class="whole" role="status">{texts.loading}</p>;
    case "failed":
      return <Failed error={workspace.error} again={again} signIn={props.signIn} />;
    case "here": {
      const { face, origin, signOut, signIn } = props;
      const held = heldBy(workspace.me.id, workspace.members);
      const chooseOther = (organization: string) => {
        // Filters and entries of one organization mean nothing in another.
        go(address.path);
        choose(organization);
      };
      const page: Page = { ...workspace, face, origin, held, links: links.current, address, go, refresh, choose: chooseOther, signOut, signIn };
      return (
        <PageProvider value={page}>
          <Frame key={workspace.organization.id} initial={props.initial ?? {}} />
        </PageProvider>
      );
    }
  }
}

function Frame(props: { initial: Initial }) {
  const { address, refresh } = usePage();
  const place = placeOf(address.path);
  const shown = useRef(place);
  useEffect(() => {
    document.title = `${place ? texts.nav.places[place] : texts.failures.unknown} · ${texts.product}`;
    if (shown.current === place) return;
    shown.current = place;
    scrollTo(0, 0);
    document.querySelector<HTMLElement>("h1")?.focus();
    // Others may have changed what this person may do; what is on show stays where that cannot be told.
    refresh().catch(() => {});
  }, [place]);
  return (
    <>
      <a class="skip" href="#main">{texts.skip}</a>
      <div class="app">
        <Sidebar place={place} />
        <div>{place ? <Place key={place} id={place} initial={props.initial} /> : <Unknown />}</div>
      </div>
      <BottomBar place={place} />
    </>
  );
}

function Place(props: { id: PlaceId; initial: Initial }) {
  const { held } = usePage();
  const need = NEEDS[props.id];
  if (need !== null && !allows(held, need)) return <NotAllowed place={props.id} permission={need} />;
  switch (props.id) {
    case "api-keys":
      return <KeysPage {...(props.initial.keys ? { initial: props.initial.keys } : {})} />;
    case "members":
      return <MembersPage {...(props.initial.members ? { initial: props.initial.members } : {})} />;
    case "audit":
      return <AuditPage />;
  }
}

function Unknown() {
  return (
    <main class="whole" id="main">
      <h1>{texts.failures.unknown}</h1>
      <a class="btn" href={addressOf("api-keys")}>{texts.failures.toKeys}</a>
    </main>
  );
}

function Failed(props: { error: unknown; again: () => void; signIn: () => void }) {
  const isOver = props.error instanceof FaceError && props.error.failure === "signed-out";
  return (
    <main class="whole">
      <h1>{texts.failures.page}</h1>
      <p>{failureText(props.error)}</p>
      {isOver ? <Button look="filled" onClick={props.signIn}>{texts.failures.signIn}</Button> : <Button look="filled" onClick={props.again}>{texts.retry}</Button>}
    </main>
  );
}
