/** Times as people say them: relative for a day, then dates, in the viewer's zone. */

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How long ago something was. */
export type Ago = { readonly kind: "now" } | { readonly kind: "minutes" | "hours" | "days"; readonly count: number } | { readonly kind: "date" };

/** Up to how many days are counted before a date says more. */
const COUNTED_DAYS = 60;

/** `moment` seen from `now`, both in milliseconds. */
export function ago(moment: number, now: number): Ago {
  const past = Math.max(0, now - moment);
  if (past < MINUTE_MS) return { kind: "now" };
  if (past < HOUR_MS) return { kind: "minutes", count: Math.floor(past / MINUTE_MS) };
  if (past < DAY_MS) return { kind: "hours", count: Math.floor(past / HOUR_MS) };
  const days = Math.floor(past / DAY_MS);
  return days <= COUNTED_DAYS ? { kind: "days", count: days } : { kind: "date" };
}

/** How far off something is, in the largest unit that fits, rounded up. */
export function until(ms: number): { readonly unit: "minutes" | "hours" | "days"; readonly count: number } {
  if (ms < HOUR_MS) return { unit: "minutes", count: Math.max(1, Math.ceil(ms / MINUTE_MS)) };
  if (ms < DAY_MS) return { unit: "hours", count: Math.ceil(ms / HOUR_MS) };
  return { unit: "days", count: Math.ceil(ms / DAY_MS) };
}

/** A date: `19 Feb 2026`. */
export function dateText(moment: number): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" }).format(moment);
}

/** A date with its time: `19 Feb 2026, 14:05`. */
export function momentText(moment: number): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(moment);
}

/** The same without its year, where that is the one of `now`. */
export function shortMomentText(moment: number, now: number): string {
  if (new Date(moment).getFullYear() !== new Date(now).getFullYear()) return momentText(moment);
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(moment);
}

/** Exact and without a zone to guess: `2026-02-19 14:05:33 UTC`. */
export function exactText(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
