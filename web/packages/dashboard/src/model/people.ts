/** What the members of an organization hold, and what keys call them. */
import type { KeyPermission } from "@parlor/protocol";

import type { KeyItem, Member, MemberRole, Organization, Role, User } from "../face/types.ts";
import { allows, EVERYTHING } from "./permissions.ts";

/** What a person holds: an owner everything, a member what the assigned roles give. */
export function heldBy(userId: string, members: readonly Member[]): readonly KeyPermission[] {
  const member = members.find((one) => one.userId === userId);
  return member ? heldWith(member.role, member.assignedRoles) : [];
}

/** What a place in an organization gives. */
export function heldWith(role: MemberRole, roles: readonly Pick<Role, "permissions">[]): readonly KeyPermission[] {
  return role === "owner" ? [EVERYTHING] : [...new Set(roles.flatMap(({ permissions }) => permissions))];
}

/** Who gives others what they may do. */
export function administrators(members: readonly Member[]): readonly Member[] {
  return members.filter((member) => allows(heldWith(member.role, member.assignedRoles), EVERYTHING));
}

/** Whether an organization would have no owner without them. */
export function isLastOwner(userId: string, members: readonly Member[]): boolean {
  const owners = members.filter(({ role }) => role === "owner");
  return owners.length === 1 && owners[0]?.userId === userId;
}

/** Whether somebody may go: nobody leaves the organization that came with their account. */
export function mayLeave(me: User, organization: Organization): boolean {
  return !(organization.personal && organization.createdBy === me.id);
}

/** The keys of somebody that end when they hold no more than `held`. */
export function keysBeyond(held: readonly KeyPermission[], userId: string, keys: readonly KeyItem[]): readonly KeyItem[] {
  return keys.filter((key) => key.userId === userId && !key.permissions.every((word) => allows(held, word)));
}

/** Whose the keys are that were made on the machine. */
export const OPERATOR = "operator";

/** Who made a key. */
export function makerName(userId: string, me: User, members: readonly Member[], words: { readonly machine: string; readonly gone: string }): string {
  if (userId === OPERATOR) return words.machine;
  if (userId === me.id) return me.name;
  return members.find((one) => one.userId === userId)?.name ?? words.gone;
}
