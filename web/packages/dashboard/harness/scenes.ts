/** Every screen of the dashboard, as a scene. */
import type { Initial } from "../src/app.tsx";
import { FaceError } from "../src/face/face.ts";
import type { KeyItem } from "../src/face/types.ts";
import { CHANGED, ENTRIES, REFUSED } from "./entries.ts";
import { AS_MEMBER, at, BO, DAY, INVITATIONS, MINUTE, OWN, STUDIO, TOMAS } from "./people.ts";
import { VALUE, type Script } from "./scripted-face.ts";

/** What the server holds, where one is, and what stands in front. */
export interface Scene {
  readonly script: Script;
  readonly initial?: Initial;
  readonly start?: string;
}

const key = (name: string, tail: string, more: Partial<KeyItem> = {}): KeyItem => ({
  name,
  value: `par********************${tail}`,
  createdAt: at(-50 * DAY),
  permissions: ["admin:organization"],
  lastUsedAt: null,
  expiresAt: null,
  userId: "u1",
  ...more,
});

const GAME = key("game server", "x7Q", { permissions: ["write:rooms", "create:tokens"], lastUsedAt: at(-2 * MINUTE), expiresAt: at(3 * DAY - MINUTE) });
const CI = key("ci", "pL4", { lastUsedAt: at(-70 * DAY), expiresAt: at(-DAY), userId: "u9" });
const KEYS: readonly KeyItem[] = [
  GAME,
  key("voice agents", "b0f", { permissions: ["write:rooms", "write:sandboxes", "create:tokens", "write:calls"], lastUsedAt: at(-1000), expiresAt: at(100 * DAY), userId: "u2" }),
  key("analytics export", "Kk2", { permissions: ["read:meetings", "read:recordings"], lastUsedAt: at(-8 * 60 * MINUTE), expiresAt: at(400 * DAY), userId: "u3" }),
  key("first key", "9aZ", { lastUsedAt: at(-41 * DAY), userId: "operator" }),
  key("a key with a name as long as anybody would give to a key that has to say a lot", "0oO", { permissions: [] }),
  CI,
];
const LIST: Script = { keys: KEYS };
const PEOPLE: Script = { ...LIST, invitations: INVITATIONS };
const MEMBERS = "/dashboard/members";
const LOG: Script = { ...PEOPLE, audit: ENTRIES };
const AUDIT = "/dashboard/audit";
const MADE = { name: "lobby service", value: VALUE, createdAt: at(0), permissions: ["write:rooms", "create:tokens"], expiresAt: null } as const;

const LINKS = new Map([[BO.id, "https://studio.parlor.example/account/invitations/q2mZr9TgVxW4bNc8kLpE3yJsUa6fDoHiR1tGvXw5eBn"]]);

/** The scenes, by name. */
export const SCENES: Record<string, () => Scene> = {
  "keys-list": () => ({ script: LIST }),
  "keys-organizations": () => ({ script: { ...LIST, organizations: [STUDIO, OWN] } }),
  "keys-empty": () => ({ script: { keys: [] } }),
  "keys-loading": () => ({ script: { keys: "never" } }),
  "keys-failed": () => ({ script: { keys: new FaceError("unreachable", "") } }),
  "keys-create": () => ({ script: LIST, initial: { keys: { kind: "new" } } }),
  "keys-create-member": () => ({ script: { ...LIST, members: AS_MEMBER }, initial: { keys: { kind: "new" } } }),
  "keys-taken": () => ({ script: { ...LIST, refusal: new FaceError("taken", "") }, initial: { keys: { kind: "new" } } }),
  "keys-created": () => ({ script: LIST, initial: { keys: { kind: "made", key: MADE, before: null } } }),
  "keys-rotated": () => ({ script: LIST, initial: { keys: { kind: "made", key: { ...MADE, permissions: ["read:logs"] }, before: { until: Date.now() + DAY } } } }),
  "keys-rotate": () => ({ script: LIST, initial: { keys: { kind: "rotate", key: GAME } } }),
  "keys-revoke": () => ({ script: LIST, initial: { keys: { kind: "revoke", key: GAME } } }),
  "keys-revoke-expired": () => ({ script: LIST, initial: { keys: { kind: "revoke", key: CI } } }),
  members: () => ({ script: PEOPLE, start: MEMBERS }),
  "members-alone": () => ({ script: { ...LIST, members: AS_MEMBER.slice(0, 1).map((one) => ({ ...one, role: "owner" as const, lastSeenAt: at(0) })) }, start: MEMBERS }),
  "members-as-member": () => ({ script: { ...LIST, members: AS_MEMBER }, start: MEMBERS }),
  "members-invitations-failed": () => ({ script: { ...LIST, invitations: new FaceError("unreachable", "") }, start: MEMBERS }),
  "members-invite": () => ({ script: PEOPLE, start: MEMBERS, initial: { members: { kind: "invite" } } }),
  "members-invite-refused": () => ({ script: { ...PEOPLE, refusal: new FaceError("taken", "they belong to the organization already") }, start: MEMBERS, initial: { members: { kind: "invite" } } }),
  "members-invited": () => ({ script: PEOPLE, start: MEMBERS, initial: { members: { kind: "invited", invitation: BO }, links: LINKS } }),
  "members-access": () => ({ script: { ...PEOPLE, keys: [{ ...GAME, userId: "u2", permissions: ["read:logs"] }] }, start: MEMBERS, initial: { members: { kind: "access", member: TOMAS } } }),
  "members-remove": () => ({ script: PEOPLE, start: MEMBERS, initial: { members: { kind: "remove", member: TOMAS } } }),
  "members-invitation-change": () => ({ script: PEOPLE, start: MEMBERS, initial: { members: { kind: "change", invitation: BO } } }),
  "members-invitation-renew": () => ({ script: PEOPLE, start: MEMBERS, initial: { members: { kind: "renew", invitation: BO } } }),
  "members-invitation-cancel": () => ({ script: PEOPLE, start: MEMBERS, initial: { members: { kind: "cancel", invitation: BO } } }),
  audit: () => ({ script: LOG, start: AUDIT }),
  "audit-entry": () => ({ script: LOG, start: `${AUDIT}?entry=${CHANGED.id}` }),
  "audit-entry-refused": () => ({ script: LOG, start: `${AUDIT}?entry=${REFUSED.id}` }),
  "audit-filtered": () => ({ script: LOG, start: `${AUDIT}?actor=u1&target=organization_user&id=u2&result=done&from=2026-01-01&before=900` }),
  "audit-nothing": () => ({ script: { ...LOG, audit: [] }, start: `${AUDIT}?action=delete&entry=x` }),
  "audit-empty": () => ({ script: { ...LOG, audit: [] }, start: AUDIT }),
  "audit-loading": () => ({ script: { ...LOG, audit: "never" }, start: AUDIT }),
  "audit-failed": () => ({ script: { ...LOG, audit: new FaceError("other", "the server is busy: try again in a moment") }, start: AUDIT }),
  "audit-linked": () => ({ script: { ...LOG, organizations: [STUDIO, OWN] }, start: `${AUDIT}?organization=${OWN.id}&entry=${CHANGED.id}` }),
  "audit-signed-out": () => ({ script: { ...LOG, audit: new FaceError("signed-out", "") }, start: AUDIT }),
  "audit-not-allowed": () => ({ script: { ...LIST, members: AS_MEMBER }, start: AUDIT }),
  "signed-out": () => ({ script: { keys: [], failsAll: new FaceError("signed-out", "") } }),
  unknown: () => ({ script: LIST, start: "/dashboard/nothing" }),
};
