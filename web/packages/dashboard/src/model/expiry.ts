/** When a key ends: the choices of the form, and what a row says about it. */

const DAY_MS = 86_400_000;

/** From how many days on the end of a key is worth a warning. */
const SOON_DAYS = 7;

/** A choice of the form. */
export type ExpiryChoice = "7" | "30" | "90" | "date" | "never";

/** The choices, in the order of the form. */
export const EXPIRY_CHOICES: readonly ExpiryChoice[] = ["7", "30", "90", "date", "never"];

/** The moment of a choice; `null` for never, `"unclear"` where no such date was given. `date` is as date fields write it, and counts to its end, here. */
export function momentOf(choice: ExpiryChoice, date: string, now: number): number | null | "unclear" {
  if (choice === "never") return null;
  if (choice !== "date") return now + Number(choice) * DAY_MS;
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!parts) return "unclear";
  const end = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]), 23, 59, 59);
  return Number.isNaN(end.getTime()) ? "unclear" : end.getTime();
}

/** What a row says. */
export type ExpiryState = { readonly kind: "never" } | { readonly kind: "expired" } | { readonly kind: "soon"; readonly inMs: number } | { readonly kind: "later" };

/** How a key's end stands at `now`. */
export function expiryState(expiresAt: string | null, now: number): ExpiryState {
  if (expiresAt === null) return { kind: "never" };
  const inMs = Date.parse(expiresAt) - now;
  if (inMs <= 0) return { kind: "expired" };
  return inMs < SOON_DAYS * DAY_MS ? { kind: "soon", inMs } : { kind: "later" };
}
