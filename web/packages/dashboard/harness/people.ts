/** Who belongs to the scenes' organization, and who is invited. */
import type { Invitation, Member, Organization, Role, User } from "../src/face/types.ts";

/** A time so many milliseconds from now. */
export const at = (fromNow: number) => new Date(Date.now() + fromNow).toISOString();

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** Who looks at the scene. */
export const ME: User = { id: "u1", name: "Priya Raman", email: "priya@studio.example" };

export const STUDIO: Organization = { id: "o1", name: "Studio", domain: "studio", personal: false, createdBy: "u1" };
export const OWN: Organization = { id: "o2", name: "Priya Raman", domain: "priya", personal: true, createdBy: "u1" };

const role = (number: number, name: string, description: string, permissions: Role["permissions"]): Role => ({
  id: `00000000-0000-0000-0000-${String(number).padStart(12, "0")}`,
  name,
  description,
  permissions,
  isGlobal: number < 100,
});

export const DEVELOPER = role(1, "Developer", "Works with rooms, calls, recordings and sandboxes, and what these need.", ["write:rooms", "write:calls", "create:tokens", "read:meetings", "write:sandboxes"]);
export const AUDITOR = role(7, "Auditor", "Reads the audit log.", ["read:audit_logs"]);
const HOST = role(100, "Hosts of the evening calls", "Lets people in, and sees who was there.", ["create:tokens", "read:meetings"]);

/** What can be given. */
export const ROLES: readonly Role[] = [
  DEVELOPER,
  role(2, "Sandboxes Admin", "Works with all sandboxes.", ["write:sandboxes"]),
  role(5, "Super Admin", "Everything in the organization.", ["admin:organization"]),
  AUDITOR,
  role(8, "Infrastructure Admin", "Works with regions and runners.", ["write:regions", "write:runners"]),
  HOST,
];

const member = (id: string, name: string, email: string, more: Partial<Member> = {}): Member => ({
  userId: id,
  name,
  email,
  role: "member",
  assignedRoles: [],
  createdAt: at(-200 * DAY),
  updatedAt: at(-200 * DAY),
  ...more,
});

export const TOMAS = member("u2", "Tomás Rivera", "tomas@studio.example", { assignedRoles: [DEVELOPER, AUDITOR, HOST], lastSeenAt: at(-12 * MINUTE), createdAt: at(-90 * DAY) });

/** The members. */
export const MEMBERS: readonly Member[] = [
  member("u1", "Priya Raman", "priya@studio.example", { role: "owner", lastSeenAt: at(-1000) }),
  TOMAS,
  member("u3", "Amina Haddad", "amina@studio.example", { assignedRoles: [AUDITOR], createdAt: at(-8 * DAY) }),
  member("u4", "Maximiliane Freifrau von und zu Obertraubling-Sünching", "maximiliane.obertraubling-suenching@a-very-long-name-of-a-company.example", { lastSeenAt: at(-20 * 60 * MINUTE), createdAt: at(-2 * DAY) }),
];

/** The same organization as a member sees it who does not administer it. */
export const AS_MEMBER: readonly Member[] = [
  member("u1", "Priya Raman", "priya@studio.example", { assignedRoles: [DEVELOPER] }),
  member("u2", "Tomás Rivera", "tomas@studio.example", { role: "owner" }),
  member("u3", "Amina Haddad", "amina@studio.example", { assignedRoles: [ROLES[2] ?? DEVELOPER] }),
];

const invitation = (id: string, email: string, more: Partial<Invitation> = {}): Invitation => ({
  id,
  email,
  invitedBy: "priya@studio.example",
  expiresAt: at(5 * DAY - MINUTE),
  status: "pending",
  role: "member",
  assignedRoles: [DEVELOPER],
  createdAt: at(-2 * DAY),
  ...more,
});

export const BO = invitation("i1", "bo.nguyen@studio.example");

/** Who is invited. */
export const INVITATIONS: readonly Invitation[] = [
  BO,
  invitation("i2", "maya@studio.example", { role: "owner", assignedRoles: [], expiresAt: at(60 * DAY) }),
  invitation("i3", "jonas.lindqvist@a-very-long-name-of-a-company.example", { assignedRoles: [], invitedBy: "", expiresAt: at(-DAY) }),
  invitation("i4", "sam@studio.example", { status: "accepted" }),
];
