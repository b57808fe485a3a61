/** `setSubscribedTracks` in the call's words. */
import type { Subscription, SubscriptionValue } from "@parlor/browser";

import { isRecord } from "./message.ts";
import { TRACK_KEYS } from "./participant.ts";

/** `undefined`: not a wish. `'avatar'` is an old name for sound only. */
export function subscription(value: unknown): Subscription | undefined {
  if (value === "avatar") return { "cam-audio": true };
  const whole = subscriptionValue(value);
  if (whole !== undefined) return whole;
  if (!isRecord(value)) return undefined;
  const standard = Object.entries(TRACK_KEYS).map(([key, source]) => [source, subscriptionValue(value[key]) ?? false]);
  return Object.fromEntries([...standard, ...customEntries(value["custom"])]) as Subscription;
}

/** Tracks of the application's own: one word for all, or by tag. */
function customEntries(custom: unknown): [string, SubscriptionValue][] {
  const whole = subscriptionValue(custom);
  if (whole !== undefined) return [["others", whole]];
  if (!isRecord(custom)) return [];
  return Object.entries(custom).flatMap(([tag, value]): [string, SubscriptionValue][] => {
    const wanted = subscriptionValue(value);
    if (wanted === undefined) return [];
    // Only the sender knows whether there is a picture or a sound behind a tag.
    return [
      [`custom-audio:${tag}`, wanted],
      [`custom-video:${tag}`, wanted],
    ];
  });
}

function subscriptionValue(value: unknown): SubscriptionValue | undefined {
  return value === true || value === false || value === "staged" ? value : undefined;
}
