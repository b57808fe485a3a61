/** The bodies of the identity face that the dashboard reads, in its spelling. */
import type { KeyPermission } from "@parlor/protocol";

/** An API key as lists show it: never its value. */
export interface KeyItem {
  readonly name: string;
  /** Masked. */
  readonly value: string;
  readonly createdAt: string;
  readonly permissions: readonly KeyPermission[];
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
  /** Whose key it is; `operator` for a key that was made on the machine. */
  readonly userId: string;
}

/** What a new key is to be. */
export interface NewKey {
  readonly name: string;
  readonly permissions: readonly KeyPermission[];
  /** ISO 8601; absent for never. */
  readonly expiresAt?: string;
}

/** A key at the one moment at which its value is known. */
export interface MadeKey {
  readonly name: string;
  readonly value: string;
  readonly createdAt: string;
  readonly permissions: readonly KeyPermission[];
  readonly expiresAt: string | null;
}

/** The person who is signed in. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** An organization of theirs. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  /** The public name of its domain, as the command line takes it. */
  readonly domain: string;
  readonly personal: boolean;
  /** The id of who made it; empty for the one that the server made. */
  readonly createdBy: string;
}

/** Something that members may be given. */
export interface Role {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly KeyPermission[];
  /** Whether it is built in. */
  readonly isGlobal: boolean;
}

/** What somebody is: an owner may do everything. */
export type MemberRole = "owner" | "member";

/** A member of an organization. */
export interface Member {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: MemberRole;
  readonly assignedRoles: readonly Role[];
  readonly createdAt: string;
  /** When their place last changed. */
  readonly updatedAt: string;
  /** When a browser of theirs was last used; only for who administers the organization. */
  readonly lastSeenAt?: string;
}

/** What somebody's place becomes. */
export interface MemberAccess {
  readonly role: MemberRole;
  readonly assignedRoleIds: readonly string[];
}

/** An invitation, whatever became of it. */
export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly invitedBy: string;
  readonly expiresAt: string;
  readonly status: "pending" | "accepted" | "declined" | "cancelled";
  readonly role: MemberRole;
  readonly assignedRoles: readonly Role[];
  readonly createdAt: string;
  /** The page on which it is accepted; only in the answer to making it. */
  readonly url?: string;
}

/** What changes of an invitation; its end stays where none is given. */
export interface InvitationChange extends MemberAccess {
  /** ISO 8601. */
  readonly expiresAt?: string;
}

/** An invitation to be made. */
export interface NewInvitation extends InvitationChange {
  readonly email: string;
}
