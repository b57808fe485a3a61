import { expect, test } from "vitest";

import { FaceError } from "../src/face/face.ts";
import type { Invitation, KeyItem, Member, NewInvitation } from "../src/face/types.ts";
import { changeAccess } from "../src/members/change-access.ts";
import { Renewal } from "../src/members/renewal.ts";
import { emailFault, endOf } from "../src/model/invitation.ts";
import { administrators, heldWith, isLastOwner, keysBeyond, mayLeave } from "../src/model/people.ts";
import { person, role } from "./people.ts";

const DAY = 86_400_000;

test("owners and who holds everything give others what they may do", () => {
  const members = [person("u1", "Ana", { role: "owner" }), person("u2", "Bo"), person("u3", "Cy", { assignedRoles: [role(["admin:organization"])] })];
  expect(administrators(members).map(({ name }) => name)).toEqual(["Ana", "Cy"]);
  expect([isLastOwner("u1", members), isLastOwner("u3", members)]).toEqual([true, false]);
  expect(isLastOwner("u1", [...members, person("u4", "Di", { role: "owner" })])).toBe(false);
});

function key(name: string, userId: string, permissions: KeyItem["permissions"]): KeyItem {
  return { name, userId, permissions, value: "", createdAt: "", lastUsedAt: null, expiresAt: null };
}

test("a key ends with what its owner loses", () => {
  const keys = [key("rooms", "u2", ["read:rooms"]), key("logs", "u2", ["read:rooms", "read:logs"]), key("all", "u2", ["admin:organization"]), key("other", "u1", ["admin:organization"])];
  const ending = (held: Parameters<typeof keysBeyond>[0]) => keysBeyond(held, "u2", keys).map(({ name }) => name);
  expect(ending(heldWith("owner", []))).toEqual([]);
  expect(ending(heldWith("member", [role(["write:rooms"])]))).toEqual(["logs", "all"]);
  expect(ending(heldWith("member", []))).toEqual(["rooms", "logs", "all"]);
});

test("nobody leaves the organization that came with their account", () => {
  const me = { id: "u1", name: "Ana", email: "" };
  const organization = { id: "o1", name: "Ana", domain: "ana", personal: true, createdBy: "u1" };
  expect([mayLeave(me, organization), mayLeave(me, { ...organization, createdBy: "u2" }), mayLeave(me, { ...organization, personal: false })]).toEqual([false, true, true]);
});

test("an invitation is for one address and ends within what the server allows", () => {
  expect(["", " ", "ana", "ana@", "a b@x.example", "ana@x.example ", "a@b@c"].map(emailFault)).toEqual(["emailEmpty", "emailEmpty", "emailUnclear", "emailUnclear", "emailUnclear", null, "emailUnclear"]);
  expect([endOf("7", 0), endOf("90", 0) < 90 * DAY]).toEqual([7 * DAY, true]);
});

const INVITATION: Invitation = { id: "i1", email: "bo@x.example", invitedBy: "", expiresAt: "", status: "pending", role: "member", assignedRoles: [role(["read:rooms"], "r1")], createdAt: "" };

/** A server that forbids the first `failures` invitations, and knows what it was asked. */
function inviting(failures: number) {
  const asked: (string | NewInvitation)[] = [];
  const cancelInvitation = async (_organization: string, id: string) => {
    if (asked.includes(id)) throw new FaceError("taken", "cancelled already");
    asked.push(id);
  };
  const invite = async (_organization: string, invitation: NewInvitation) => {
    asked.push(invitation);
    if (asked.length <= failures + 1) throw new FaceError("unreachable", "");
    return INVITATION;
  };
  return { asked, face: { cancelInvitation, invite } };
}

test("a new link whose second half fails goes on there", async () => {
  const { asked, face } = inviting(1);
  const expiresAt = new Date(Date.now() + DAY).toISOString();
  const renewal = new Renewal(face, "o1", { ...INVITATION, expiresAt });
  expect(renewal.isTakenBack).toBe(false);
  await expect(renewal.carryOut()).rejects.toThrow(FaceError);
  expect(renewal.isTakenBack).toBe(true);
  expect(await renewal.carryOut()).toBe(INVITATION);
  const again = { email: "bo@x.example", role: "member", assignedRoleIds: ["r1"], expiresAt };
  expect(asked).toEqual(["i1", again, again]);
});

test("a new link does not keep an end that is as good as there", async () => {
  const { asked, face } = inviting(0);
  await new Renewal(face, "o1", { ...INVITATION, expiresAt: new Date(Date.now() + 30_000).toISOString() }).carryOut();
  expect(asked[1]).not.toHaveProperty("expiresAt");
});

test("an invitation that cannot be taken back is not made again", async () => {
  const { asked, face } = inviting(0);
  asked.push("i1");
  const renewal = new Renewal(face, "o1", INVITATION);
  await expect(renewal.carryOut()).rejects.toThrow("cancelled already");
  expect([renewal.isTakenBack, asked]).toEqual([false, ["i1"]]);
});

test("a form does not undo what somebody else changed meanwhile", async () => {
  const given: string[] = [];
  const before = person("u2", "Bo");
  const change = (members: readonly Member[]) =>
    changeAccess({ members: async () => members, setAccess: async (_organization, user) => void given.push(user) }, "o1", before, { role: "owner", assignedRoleIds: [] });
  await expect(change([{ ...before, updatedAt: "2026-02-02T00:00:00.000Z" }])).rejects.toThrow("What Bo may do has changed");
  await expect(change([])).rejects.toMatchObject({ failure: "missing" });
  expect(given).toEqual([]);
  await change([person("u1", "Ana"), { ...before, name: "Robert" }]);
  expect(given).toEqual(["u2"]);
});
