/** The way in, and who waits there. */
import type { CallState, Waiting } from "@parlor/browser";

import type { Fields } from "../message.ts";
import type { Outgoing } from "./outgoing.ts";

/** What one may do here, as the client keeps it. */
export function accessOf({ access }: CallState): "unknown" | { readonly level: "none" | "lobby" | "full" } {
  return access === "unknown" ? access : { level: access };
}

/** Tells of a new level, and of having asked for one. */
export function accessEvents(before: CallState, after: CallState): Outgoing[] {
  const isAwaiting = hasAsked(after);
  if (after.access === before.access && isAwaiting === hasAsked(before)) return [];
  const awaiting = isAwaiting ? { awaitingAccess: FULL_ACCESS } : {};
  return [{ action: "access-state-updated", fields: { access: accessOf(after), ...awaiting } }];
}

const FULL_ACCESS = { level: "full" } as const;

function hasAsked({ access, lobby }: CallState): boolean {
  return access === "lobby" && lobby !== null && lobby.askedAt !== null;
}

/** Who came to the door, changed, or is gone; `before` is null when all are new to the client. */
export function waitingEvents(before: CallState | null, after: CallState): Outgoing[] {
  const known: CallState["waiting"] = before?.waiting ?? new Map();
  if (known === after.waiting) return [];
  const allWaitingParticipants = Object.fromEntries([...after.waiting].map(([id, person]) => [id, waitingParticipant(person)]));
  const tell = (action: string, person: Waiting): Outgoing => ({
    action: `waiting-participant-${action}`,
    fields: { participant: waitingParticipant(person), allWaitingParticipants },
  });
  const gone = [...known].filter(([id]) => !after.waiting.has(id)).map(([, person]) => tell("removed", person));
  const here = [...after.waiting].filter(([id, person]) => known.get(id) !== person);
  return [...gone, ...here.map(([id, person]) => tell(known.has(id) ? "updated" : "added", person))];
}

function waitingParticipant({ id, name }: Waiting): Fields {
  return { id, name, awaitingAccess: FULL_ACCESS };
}
