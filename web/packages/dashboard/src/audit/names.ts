/** What the ids of the log stand for. */
import { useEffect, useState } from "preact/hooks";

import type { AuditEntry } from "../face/audit.ts";
import type { Invitation, Role } from "../face/types.ts";
import { OPERATOR } from "../model/people.ts";
import { allows, EVERYTHING } from "../model/permissions.ts";
import { usePage } from "../page.ts";
import { texts } from "../texts.ts";

/** Names for ids; an id that nobody knows any more stays itself. */
export interface Names {
  readonly member: (id: string) => string | null;
  readonly role: (id: string) => string | null;
  /** The address that an invitation is for. */
  readonly invited: (id: string) => string | null;
  /** The name of the organization, if it is this one. */
  readonly organization: (id: string) => string | null;
}

/** The names that the organization knows; those that only who administers it may see are missing for others. */
export function useNames(): Names {
  const { face, organization, members, held } = usePage();
  const [roles, setRoles] = useState<readonly Role[]>([]);
  const [invitations, setInvitations] = useState<readonly Invitation[]>([]);
  useEffect(() => {
    // Without them the ids are shown.
    face.roles(organization.id).then(setRoles, () => setRoles([]));
    if (allows(held, EVERYTHING)) face.invitations(organization.id).then(setInvitations, () => setInvitations([]));
  }, [face, organization.id]);
  return {
    member: (id) => members.find(({ userId }) => userId === id)?.name ?? null,
    role: (id) => roles.find((role) => role.id === id)?.name ?? null,
    invited: (id) => invitations.find((one) => one.id === id)?.email ?? null,
    organization: (id) => (id === organization.id ? organization.name : null),
  };
}

/** Who removes what is old from the log. */
const RETENTION = "retention";

/** What acts by itself, or for whoever is at the machine; `null` for people. */
export function ownName(actor: string): string | null {
  if (actor === RETENTION) return texts.audit.retention;
  return actor === OPERATOR ? texts.audit.machine : null;
}

/** Who did it: their name now, or their address then. */
export function actorName(entry: AuditEntry, names: Names): string {
  return ownName(entry.actorId) ?? names.member(entry.actorId) ?? (entry.actorEmail || entry.actorId || texts.audit.nobody);
}

/** The address of who did it, as it was then: names are what people call themselves. `null` where the name is the address, or there is none. */
export function actorAddress(entry: AuditEntry, names: Names): string | null {
  return entry.actorEmail === "" || entry.actorEmail === actorName(entry, names) ? null : entry.actorEmail;
}
