/** What the send settings of a client mean for the call. */
import type { SendSettings } from "@parlor/browser";

import { isRecord, recordOf } from "./message.ts";
import type { ClientSettings } from "./settings.ts";

/** From how many kilobits a second a camera may send this many encodings. */
const ENOUGH_FOR = { three: 600, two: 200 } as const;

/** The settings as they are, or with the cap of `setBandwidth` on the camera. */
export function sendSettingsOf({ send, maxVideoKbps }: ClientSettings): SendSettings {
  // daily-js lets nothing else through than what is documented.
  const settings = send as SendSettings;
  return maxVideoKbps === null ? settings : { ...settings, video: { encodings: cappedEncodings(maxVideoKbps * 1000) } };
}

function cappedEncodings(total: number): Record<string, { readonly maxBitrate: number }> {
  const share = (part: number): { readonly maxBitrate: number } => ({ maxBitrate: Math.round(total * part) });
  if (total >= ENOUGH_FOR.three * 1000) return { low: share(0.1), medium: share(0.25), high: share(0.65) };
  if (total >= ENOUGH_FOR.two * 1000) return { low: share(0.3), medium: share(0.7) };
  return { low: share(1) };
}

const QUALITIES = ["low", "medium", "high"] as const;

/** What options of older applications say of the camera, in today's words; `undefined`: nothing. */
export function legacyVideoSettings(dailyConfig: unknown): object | undefined {
  const { camSimulcastEncodings: encodings, disableSimulcast } = recordOf(dailyConfig);
  if (disableSimulcast === true) return { encodings: { high: {} } };
  if (!Array.isArray(encodings) || encodings.length === 0) return undefined;
  // From the smallest to the largest; each is half of the next, unless it says otherwise.
  const known = encodings.slice(0, QUALITIES.length).filter(isRecord);
  const scaled = known.map((encoding, index) => ({ scaleResolutionDownBy: 2 ** (known.length - 1 - index), ...encoding }));
  return { encodings: Object.fromEntries(scaled.map((encoding, index) => [QUALITIES[index], encoding])) };
}
