import { Button } from "@parlor/ui";
import { useEffect } from "preact/hooks";

import { useNow } from "../call/measure.ts";
import { clockText } from "../model/times.ts";
import { useCall, usePage } from "../page.ts";
import { TopBar } from "../prejoin/prejoin.tsx";
import { Preview } from "../prejoin/preview.tsx";
import { stopWaiting } from "../session.ts";

/** At the door: oneself, how long one has waited, and the way back. */
export function WaitingRoom() {
  const page = usePage();
  const { texts } = page.language;
  const isHostPresent = useCall((state) => state.lobby?.isHostPresent ?? true);
  useEffect(() => {
    document.title = texts.titles.waiting(page.roomName);
  }, [texts]);
  return (
    <div class="guest">
      <TopBar />
      <main class="gm">
        <div class="gc">
          <div class="gv"><Preview look="small" /></div>
          <h1>{texts.waiting.title}</h1>
          <p class="lead" role="status">{isHostPresent ? <Told /> : texts.waiting.nobody}</p>
          <p class="steps"><span class="pulse" aria-hidden="true" /><Elapsed /></p>
          <Button size="l" onClick={() => void stopWaiting(page)}>{texts.waiting.stop}</Button>
        </div>
      </main>
    </div>
  );
}

/** The sentence with the room's name set off, wherever the language puts it. */
function Told() {
  const page = usePage();
  const [before = "", ...after] = page.language.texts.waiting.told(page.roomName).split(page.roomName);
  return <>{before}<b>{page.roomName}</b>{after.join(page.roomName)}</>;
}

function Elapsed() {
  const { waiting } = usePage().language.texts;
  const askedAt = useCall((state) => state.lobby?.askedAt ?? null);
  const now = useNow(askedAt !== null);
  return <span class="num">{askedAt === null ? "" : waiting.asked(clockText(now - askedAt))}</span>;
}
