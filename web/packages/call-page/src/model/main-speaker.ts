/** Who is large in speaker view. A cough moves nobody: one must have spoken for a while. */

/** Since when each speaks without a break, in milliseconds. */
export type SpeakingSince = ReadonlyMap<string, number>;

/** How long somebody speaks before the large picture goes to them. Shorter follows quick talk, and is restless. */
const TAKES_OVER_MS = 1_500;

/** Follows who speaks. */
export function followSpeaking(since: SpeakingSince, speaking: ReadonlySet<string>, now: number): SpeakingSince {
  return new Map([...speaking].map((id) => [id, since.get(id) ?? now]));
}

/** Who is large now: whoever began last of those who have spoken for long enough, unless the one before still speaks. */
export function mainSpeaker(before: string | null, since: SpeakingSince, look: { readonly own: string; readonly now: number }): string | null {
  if (before !== null && since.has(before)) return before;
  const long = [...since].filter(([id, at]) => id !== look.own && look.now - at >= TAKES_OVER_MS);
  const newest = long.sort(([, a], [, b]) => b - a).at(0);
  return newest?.[0] ?? before;
}

/** After this much voice somebody had their say. */
const HAD_SAY_MS = 5_000;
/** And this much later the hand goes down by itself. */
const LOWERS_AFTER_MS = 3_000;

/** One's own voice while the hand is up. */
export interface Say {
  /** How long one has spoken since the hand went up. */
  readonly spoken: number;
  /** When one had spoken for long enough. */
  readonly doneAt: number | null;
  readonly lookedAt: number;
}

/** Follows one's own voice while the hand is up. */
export function followSay(before: Say | null, isSpeaking: boolean, now: number): Say {
  const passed = before && isSpeaking ? now - before.lookedAt : 0;
  const spoken = (before?.spoken ?? 0) + passed;
  return { spoken, doneAt: before?.doneAt ?? (spoken >= HAD_SAY_MS ? now : null), lookedAt: now };
}

/** Whether the hand goes down by itself now. */
export function isHandDone(say: Say, now: number): boolean {
  return say.doneAt !== null && now - say.doneAt >= LOWERS_AFTER_MS;
}
