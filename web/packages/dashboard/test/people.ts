/** People for tests. */
import type { Member, Role } from "../src/face/types.ts";

/** A role that gives `permissions`. */
export function role(permissions: Role["permissions"], name = "role"): Role {
  return { id: name, name, description: "", permissions, isGlobal: false };
}

/** A member without roles, unless said. */
export function person(userId: string, name: string, more: Partial<Member> = {}): Member {
  return { userId, name, email: `${name.toLowerCase()}@x.example`, role: "member", assignedRoles: [], createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z", ...more };
}
