/** What was said, as words: the newest lines for the strip, the last minutes to read again. */

/** One thing somebody said. */
export interface Caption {
  readonly key: number;
  readonly from: string;
  readonly name: string;
  readonly text: string;
  readonly at: number;
}

/** Sizes to choose from, in CSS pixels. */
export const CAPTION_SIZES = [16, 18, 22, 28] as const;

/** One of {@link CAPTION_SIZES}. */
export type CaptionSize = (typeof CAPTION_SIZES)[number];

/** How long what was said can be read again. */
const KEEP_MS = 5 * 60 * 1000;
/** How long the strip shows what was said. */
const SHOW_MS = 8_000;
/** Most captions that are kept; five minutes of quick talk fit. */
const KEEP_MOST = 400;
/** Longer texts are cut: a caption is a sentence. */
const TEXT_MOST = 400;

/** Adds what somebody said; what is older than the log reaches goes. */
export function heard(log: readonly Caption[], caption: Caption): readonly Caption[] {
  const kept = log.filter((earlier) => caption.at - earlier.at < KEEP_MS);
  return [...kept, { ...caption, text: caption.text.slice(0, TEXT_MOST) }].slice(-KEEP_MOST);
}

/** What the strip shows now: the newest caption, if it is fresh. */
export function shownCaption(log: readonly Caption[], now: number): Caption | null {
  const last = log.at(-1);
  return last && now - last.at < SHOW_MS ? last : null;
}

/** The words in an app message of a transcription, and whose they are. */
export function parseTranscript(data: unknown): { participant: string; text: string } | null {
  if (typeof data !== "object" || data === null) return null;
  const { event, participantId, text }: Record<string, unknown> = { ...data };
  if (event !== "transcription-message" || typeof participantId !== "string" || typeof text !== "string" || text.trim() === "") return null;
  return { participant: participantId, text: text.trim() };
}
