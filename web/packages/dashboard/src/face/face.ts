import type { AuditPage, AuditQuery } from "./audit.ts";
import type { Invitation, InvitationChange, KeyItem, MadeKey, Member, MemberAccess, NewInvitation, NewKey, Organization, Role, User } from "./types.ts";

/** What the dashboard asks of the server. Everything but the first two is about one organization. */
export interface Face {
  me(): Promise<User>;
  organizations(): Promise<readonly Organization[]>;
  members(organization: string): Promise<readonly Member[]>;
  roles(organization: string): Promise<readonly Role[]>;
  /** What they may do is theirs from the next request on. */
  setAccess(organization: string, user: string, access: MemberAccess): Promise<void>;
  removeMember(organization: string, user: string): Promise<void>;
  /** The caller goes of their own accord. */
  leave(organization: string): Promise<void>;
  /** All of them, answered ones included. */
  invitations(organization: string): Promise<readonly Invitation[]>;
  invite(organization: string, invitation: NewInvitation): Promise<Invitation>;
  changeInvitation(organization: string, id: string, change: InvitationChange): Promise<void>;
  cancelInvitation(organization: string, id: string): Promise<void>;
  keys(organization: string): Promise<readonly KeyItem[]>;
  makeKey(organization: string, key: NewKey): Promise<MadeKey>;
  /** The old key works for `overlapSeconds` more. */
  rotateKey(organization: string, name: string, overlapSeconds: number): Promise<MadeKey>;
  revokeKey(organization: string, owner: string, name: string): Promise<void>;
  audit(organization: string, query: AuditQuery): Promise<AuditPage>;
}

/** Why a request came to nothing. */
export type FaceFailure = "unreachable" | "signed-out" | "refused" | "taken" | "missing" | "other";

/** A failure, with the text that the person is shown. */
export class FaceError extends Error {
  readonly failure: FaceFailure;
  /** The permission that the caller lacks, where that is why. */
  readonly permission: string | null;

  constructor(failure: FaceFailure, message: string, permission: string | null = null) {
    super(message);
    this.name = "FaceError";
    this.failure = failure;
    this.permission = permission;
  }
}
