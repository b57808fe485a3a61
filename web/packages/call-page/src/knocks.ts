/** Who waits at the door, and what hosts do about it. A denial can be undone for a moment: the answer is sent after. */
import type { CallState } from "@parlor/browser";

import { isHost } from "./abilities.ts";
import type { Page } from "./page.ts";
import { playKnock } from "./sound.ts";

/** How long a denial can be undone. */
const UNDO_MS = 5_000;

/** Somebody at the door. */
export interface Knock {
  readonly id: string;
  readonly name: string;
  /** Unix milliseconds, on the server's clock. */
  readonly since: number;
}

/** Who waits and is not about to be denied, the longest first. */
export function knocking(waiting: CallState["waiting"], denied: ReadonlySet<string>): Knock[] {
  return [...waiting.values()].filter(({ id }) => !denied.has(id)).sort((a, b) => a.since - b.since);
}

/** The name of who knocks, or the word for somebody without one. */
export function knockName(page: Page, knock: Pick<Knock, "name">): string {
  return knock.name.trim() === "" ? page.language.texts.guest : knock.name;
}

/** Opens the door to one. */
export function letIn(page: Page, id: string): void {
  page.call.answerKnock(id, true);
}

/** Opens the door to everybody who waits now. */
export function letAllIn(page: Page): void {
  for (const { id } of knocking(page.call.state.waiting, page.ui.value.denied)) page.call.answerKnock(id, true);
}

/** Keeps somebody out, unless that is undone in time. */
export function deny(page: Page, knock: Knock): void {
  const { knock: texts, undo } = page.language.texts;
  setDenied(page, knock.id, true);
  const timer = setTimeout(() => {
    page.call.answerKnock(knock.id, false);
    // Who is denied leaves the list by the room's word; until then they stay out of it here.
  }, UNDO_MS);
  const takeBack = () => {
    clearTimeout(timer);
    setDenied(page, knock.id, false);
    page.ui.update({ toast: null });
  };
  page.ui.update({ toast: { text: texts.denied(knockName(page, knock)), action: { label: undo, run: takeBack }, standMs: UNDO_MS } });
}

/** Tells hosts of those who come to the door, and forgets those who are gone. */
export function followKnocks(page: Page, state: CallState, before: CallState): void {
  if (state.waiting === before.waiting) return;
  const { denied } = page.ui.value;
  const still = new Set([...denied].filter((id) => state.waiting.has(id)));
  if (still.size !== denied.size) page.ui.update({ denied: still });
  if (!isHost(state.local)) return;
  const fresh = [...state.waiting.values()].filter(({ id }) => !before.waiting.has(id));
  if (fresh.length === 0) return;
  void playKnock();
  page.say(fresh.map((knock) => page.language.texts.knock.wants(knockName(page, knock))).join(", "));
}

function setDenied(page: Page, id: string, isDenied: boolean): void {
  const denied = new Set(page.ui.value.denied);
  if (isDenied) denied.add(id);
  else denied.delete(id);
  page.ui.update({ denied });
}
