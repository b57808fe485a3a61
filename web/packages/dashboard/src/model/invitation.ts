/** An invitation as the form has it, and what is wrong with it. */

const DAY_MS = 86_400_000;

/** For how many days an invitation may stand; the last is the server's most. */
export const LIVES = ["1", "7", "30", "90"] as const;

/** For how many days an invitation stands. */
export type Life = (typeof LIVES)[number];

/** A minute less than 90 days: the server's clock may be behind ours. */
const SLACK_MS = 60_000;

/** When an invitation ends that is made at `now`. */
export function endOf(life: Life, now: number): number {
  return now + Number(life) * DAY_MS - (life === "90" ? SLACK_MS : 0);
}

/** What the server would refuse as an address, before it is asked. */
export function emailFault(email: string): "emailEmpty" | "emailUnclear" | null {
  const text = email.trim();
  if (text === "") return "emailEmpty";
  return /^[^\s@<>"(),:;\\[\]]+@[^\s@<>"(),:;\\[\]]+$/.test(text) ? null : "emailUnclear";
}
