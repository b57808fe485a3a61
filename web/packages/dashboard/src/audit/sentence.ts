/** An entry as a sentence: who did it stands elsewhere. */
import type { AuditEntry } from "../face/audit.ts";
import { resultOf } from "../model/audit-filter.ts";
import { texts } from "../texts.ts";
import type { Names } from "./names.ts";

/** What was done or tried, to which thing, and how. */
export interface Sentence {
  readonly lead: string;
  readonly thing: string | null;
  readonly rest: string | null;
}

/** How much of an id that nobody has a name for is shown, in characters. */
const ID_CHARS = 8;

/** What an entry says. */
export function sentenceOf(entry: AuditEntry, names: Names): Sentence {
  return { lead: leadOf(entry), thing: thingOf(entry, names), rest: restOf(entry, names) };
}

/** The sentence as one text. */
export function textOf({ lead, thing, rest }: Sentence): string {
  return [lead, thing, rest].filter((part) => part !== null).join(" ");
}

function leadOf(entry: AuditEntry): string {
  const { audit } = texts;
  const other = audit.others[`${entry.action} ${entry.targetType}`];
  const { rooms, operation } = entry.metadata;
  // Requests about one room may name others that they pass over.
  const thing = operation === "delete_rooms" && Array.isArray(rooms) && rooms.length > 1 ? audit.rooms : audit.things[entry.targetType];
  const [done, tried] = other ?? audit.verbs[entry.action].map((verb) => `${verb} ${thing}`);
  switch (resultOf(entry.statusCode)) {
    case "done":
      return done ?? "";
    case "unknown":
      return audit.began(tried ?? "");
    default:
      return audit.tried(tried ?? "");
  }
}

function thingOf(entry: AuditEntry, names: Names): string | null {
  const { targetId, metadata } = entry;
  switch (entry.targetType) {
    case "organization_user":
      return names.member(targetId) ?? textIn(metadata, "email") ?? shortened(targetId);
    case "organization_role":
      return textIn(metadata, "name") ?? names.role(targetId) ?? shortened(targetId);
    case "organization_invitation":
      return textIn(metadata, "email") ?? names.invited(targetId) ?? shortened(targetId);
    case "organization":
      return names.organization(targetId) ?? shortened(targetId);
    case "room":
      return targetId === "" ? roomsIn(metadata) : targetId;
    case "audit_log":
    case "domain":
      return null;
    default:
      return shortened(targetId);
  }
}

function restOf(entry: AuditEntry, names: Names): string | null {
  const { as, to } = texts.audit;
  if (entry.targetType !== "organization_user" && entry.targetType !== "organization_invitation") return null;
  const role = textIn(entry.metadata, "role");
  if (role !== "owner" && role !== "member") return null;
  if (entry.action !== "update_access") return as[role];
  const roles = rolesIn(entry, names);
  if (role === "owner") return to.owner;
  return roles.length === 0 ? to.none : to.roles(roles.join(", "));
}

/** The names of the roles that were asked for. */
export function rolesIn(entry: AuditEntry, names: Names): readonly string[] {
  const ids = entry.metadata["assignedRoleIds"];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string").map((id) => names.role(id) ?? id) : [];
}

function textIn(metadata: AuditEntry["metadata"], name: string): string | null {
  const value = metadata[name];
  return typeof value === "string" && value !== "" ? value : null;
}

/** How many of the rooms of one entry are named. */
const ROOMS_NAMED = 2;

/** The rooms that one request was about. */
function roomsIn(metadata: AuditEntry["metadata"]): string | null {
  const { rooms, count } = metadata;
  if (!Array.isArray(rooms)) return null;
  const names = rooms.slice(0, ROOMS_NAMED).map(String);
  const more = (typeof count === "number" ? count : rooms.length) - names.length;
  return more > 0 ? texts.audit.andMore(names.join(", "), more) : names.join(", ");
}

/** An id that means nothing to people is told apart by its beginning. */
function shortened(id: string): string | null {
  if (id === "") return null;
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id) ? `${id.slice(0, ID_CHARS)}…` : id;
}
