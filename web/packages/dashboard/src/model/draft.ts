/** A new key as the form has it, and what is wrong with it. */
import { momentOf, type ExpiryChoice } from "./expiry.ts";
import { wordsOf, type Choices } from "./permissions.ts";

/** What the form holds. */
export interface Draft {
  readonly name: string;
  readonly expiry: ExpiryChoice;
  /** As date fields write it. */
  readonly date: string;
  readonly isEverything: boolean;
  readonly choices: Choices;
}

/** Something to mend, at a field. */
export interface DraftFault {
  readonly field: "name" | "date" | "may";
  readonly text: "nameEmpty" | "nameLong" | "nameCharacters" | "dateUnclear" | "datePast" | "nothingChosen";
}

/** Longest name, in characters; the server's own limit. */
const NAME_CHARS = 100;

/** What the server would refuse, before it is asked. */
export function draftFaults(draft: Draft, now: number): DraftFault[] {
  const faults: (DraftFault | null)[] = [nameFault(draft.name.trim()), dateFault(draft, now)];
  if (!draft.isEverything && wordsOf(draft.choices).length === 0) faults.push({ field: "may", text: "nothingChosen" });
  return faults.filter((fault) => fault !== null);
}

function nameFault(name: string): DraftFault | null {
  if (name === "") return { field: "name", text: "nameEmpty" };
  if ([...name].length > NAME_CHARS) return { field: "name", text: "nameLong" };
  return /[<>\p{Cc}]/u.test(name) ? { field: "name", text: "nameCharacters" } : null;
}

function dateFault(draft: Draft, now: number): DraftFault | null {
  const moment = momentOf(draft.expiry, draft.date, now);
  if (moment === "unclear") return { field: "date", text: "dateUnclear" };
  return moment !== null && moment <= now ? { field: "date", text: "datePast" } : null;
}
