import { useEffect, useState } from "preact/hooks";

import { useNow } from "../call/measure.ts";
import type { Ending, EndingKind } from "../model/ending.ts";
import { clockText } from "../model/times.ts";
import { usePage, useUi } from "../page.ts";

/** Between two tries by itself. Shorter lets people in sooner and asks the server more. */
const TRY_EVERY_MS = 10_000;

const TRIES_ITSELF: ReadonlySet<EndingKind> = new Set(["full", "offline", "unreachable"]);

/**
 * Tries again by itself where that helps, and says when: the small fact of
 * the page. In a frame it does not: there the application around it decides.
 */
export function useRetry(ending: Ending, isTrying: boolean, retry: () => void): string | null {
  const page = usePage();
  const { ending: words } = page.language.texts;
  const tries = useUi((ui) => ui.tries);
  const isTrier = page.embedded === null && TRIES_ITSELF.has(ending.kind);
  const opensAt = page.embedded === null && ending.kind === "early" ? ending.opensAt : undefined;
  const [dueAt, setDue] = useState(() => Date.now() + TRY_EVERY_MS);
  const now = useNow(isTrier || opensAt !== undefined);
  const due = opensAt ?? dueAt;
  const isDue = (isTrier || opensAt !== undefined) && !isTrying && now >= due;
  useEffect(() => {
    if (!isTrying) setDue(Date.now() + TRY_EVERY_MS);
  }, [isTrying, ending]);
  useEffect(() => {
    if (isDue) retry();
  }, [isDue]);
  useEffect(() => {
    if (!isTrier || ending.kind !== "offline") return;
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [ending.kind]);
  if (opensAt !== undefined) return words.opensIn(clockText(Math.max(0, opensAt - now)));
  if (!isTrier) return null;
  if (isTrying) return words.tryingNow;
  const next = words.nextTry(Math.max(1, Math.ceil((dueAt - now) / 1000)));
  return ending.kind === "full" || tries.count === 0 ? next : `${words.tried(tries.count, clockText(now - tries.since))} · ${next}`;
}
