import { CallScreen } from "./call/call-screen.tsx";
import { Dialogs } from "./dialogs.tsx";
import { EndingPage } from "./ending/ending-page.tsx";
import { usePage, useUi } from "./page.ts";
import { Prejoin, TopBar } from "./prejoin/prejoin.tsx";
import { WaitingRoom } from "./waiting/waiting-room.tsx";

/** The page: one screen at a time, and what belongs to all of them. In another language all of it is drawn anew. */
export function App() {
  useUi((ui) => ui.language);
  return (
    <>
      <CurrentScreen />
      <Dialogs />
      <Announcer />
    </>
  );
}

function CurrentScreen() {
  const screen = useUi((ui) => ui.screen);
  const ending = useUi((ui) => ui.ending);
  switch (screen) {
    case "looking":
      return <Looking />;
    case "prejoin":
      return <Prejoin />;
    case "waiting":
      return <WaitingRoom />;
    case "call":
      return <CallScreen />;
    case "ending":
      return ending ? <EndingPage ending={ending} /> : <Looking />;
  }
}

function Looking() {
  const { prejoin } = usePage().language.texts;
  return (
    <div class="ending">
      <TopBar />
      <main class="end waits" aria-busy="true">
        <span class="spinner" aria-hidden="true" />
        <h1>{prejoin.looking}</h1>
      </main>
    </div>
  );
}

/** What people who cannot see the page hear. */
function Announcer() {
  const said = useUi((ui) => ui.said);
  return <div class="vh" role="status" aria-live="polite">{said}</div>;
}
