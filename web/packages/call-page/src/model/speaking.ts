/**
 * Who speaks, from loudness: on after a little voice, off after a little
 * silence, so that a ring neither misses a word nor flickers.
 */
export interface Voice {
  /** Since when it has been loud (or quiet), in milliseconds. */
  readonly since: number;
  readonly isLoud: boolean;
  readonly isSpeaking: boolean;
}

/** Loudness (0…1) that counts as voice. Higher misses soft voices; lower hears fans. */
export const VOICE_LEVEL = 0.02;
const ON_AFTER_MS = 200;
const OFF_AFTER_MS = 600;

/** Follows one voice. */
export function followVoice(before: Voice | undefined, level: number, now: number): Voice {
  const isLoud = level >= VOICE_LEVEL;
  const since = before && before.isLoud === isLoud ? before.since : now;
  const wasSpeaking = before?.isSpeaking ?? false;
  const lasted = now - since;
  const isSpeaking = isLoud ? wasSpeaking || lasted >= ON_AFTER_MS : wasSpeaking && lasted < OFF_AFTER_MS;
  return { since, isLoud, isSpeaking };
}
