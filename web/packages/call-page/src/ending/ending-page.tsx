import { Button, ClosedDoorIcon, EarlyIcon, EndedIcon, HourglassIcon, Icon, InsecureIcon, LockIcon, OfflineIcon, OpenDoorIcon, PeopleIcon, RemovedIcon, type IconShape } from "@parlor/ui";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { useCopy } from "../call/copy.ts";
import type { Ending, EndingKind } from "../model/ending.ts";
import { usePage, useUi } from "../page.ts";
import { TopBar } from "../prejoin/prejoin.tsx";
import { tryAgain } from "../session.ts";
import { wordEnding } from "./wording.ts";
import { useRetry } from "./retry.ts";

const ICONS: Readonly<Record<EndingKind, IconShape>> = {
  "no-room": OpenDoorIcon,
  private: LockIcon,
  declined: ClosedDoorIcon,
  closed: HourglassIcon,
  full: PeopleIcon,
  early: EarlyIcon,
  removed: RemovedIcon,
  "time-over": HourglassIcon,
  replaced: RemovedIcon,
  ended: EndedIcon,
  left: EndedIcon,
  offline: OfflineIcon,
  unreachable: OfflineIcon,
  "too-old": InsecureIcon,
  trouble: ClosedDoorIcon,
};

/** Kinds that keep trying have the way on as the filled button. */
const EAGER: ReadonlySet<EndingKind> = new Set(["full", "offline", "unreachable", "replaced"]);

/** Why there is no call, and the way out. */
export function EndingPage(props: { ending: Ending }) {
  const page = usePage();
  const { ending } = props;
  const title = useRef<HTMLHeadingElement>(null);
  const name = useId();
  const [isTrying, setTrying] = useState(false);
  const wasIn = useUi((ui) => ui.wantsIn);
  const { texts, locale } = page.language;
  const words = wordEnding(ending, { texts, locale, room: page.roomName, host: page.address.host, wasIn });
  const { copy } = useCopy(page.address.url);
  const retry = async () => {
    setTrying(true);
    await tryAgain(page);
    setTrying(false);
  };
  const fact = useRetry(ending, isTrying, () => void retry());
  useEffect(() => {
    title.current?.focus();
    document.title = texts.titles.ending(words.title, page.roomName);
  }, [ending.kind]);
  return (
    <div class="ending">
      <TopBar />
      <main class="end" aria-labelledby={name}>
        <span class="bi"><Icon of={ICONS[ending.kind]} size={24} /></span>
        <h1 id={name} ref={title} tabIndex={-1}>{words.title}</h1>
        <p>{words.text}</p>
        {page.embedded ? null : (
          <div class="bt">
            <Button look={EAGER.has(ending.kind) ? "filled" : "plain"} size="l" isBusy={isTrying} onClick={() => (ending.kind === "too-old" ? copy() : void retry())}>{words.action}</Button>
          </div>
        )}
        <p class="fn">{fact ?? words.fact}</p>
        <Details ending={ending} />
      </main>
    </div>
  );
}

/** Details for support; the question mark key opens them, nobody is bothered with them. */
function Details(props: { ending: Ending }) {
  const page = usePage();
  const { texts } = page.language;
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const handle = (event: KeyboardEvent) => {
      if (event.key === "?") setOpen((before) => !before);
    };
    document.addEventListener("keydown", handle);
    return () => document.removeEventListener("keydown", handle);
  }, []);
  if (!isOpen) return null;
  const facts = [props.ending.kind, props.ending.info ?? "", page.address.url, new Date().toISOString(), navigator.userAgent].filter((fact) => fact !== "").join("\n");
  return <textarea class="input details mono" readOnly rows={6} aria-label={texts.ending.details} value={facts} onFocus={(event) => event.currentTarget.select()} />;
}
