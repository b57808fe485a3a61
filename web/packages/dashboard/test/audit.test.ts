import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { actorAddress, actorName, type Names } from "../src/audit/names.ts";
import { sentenceOf, textOf } from "../src/audit/sentence.ts";
import { credentialOf, programOf } from "../src/audit/credential.ts";
import { AUDIT_ACTIONS, AUDIT_TARGETS, type AuditEntry } from "../src/face/audit.ts";
import { askedFor, filterOf, isNarrow, NO_FILTER, queryOf, resultOf, type AuditFilter } from "../src/model/audit-filter.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const ENTRY: AuditEntry = {
  id: "e1",
  actorId: "u1",
  actorEmail: "ana@x.example",
  actorApiKeyPrefix: null,
  actorApiKeySuffix: null,
  action: "create",
  targetType: "api_key",
  targetId: "ci",
  statusCode: 201,
  errorMessage: null,
  ipAddress: "198.51.100.7",
  userAgent: "",
  source: "",
  metadata: {},
  createdAt: "2026-11-22T11:00:00.000Z",
};
const NAMES: Names = {
  member: (id) => (id === "u2" ? "Bo" : null),
  role: (id) => (id === "r1" ? "Developer" : null),
  invited: (id) => (id === "i1" ? "bo@x.example" : null),
  organization: () => "Acme",
};

const read = (text: string) => filterOf(new URLSearchParams(text));
const asked = (part: Partial<AuditFilter>, before: string | null = null) => askedFor({ ...NO_FILTER, ...part }, before, NOW);
const said = (part: Partial<AuditEntry>) => textOf(sentenceOf({ ...ENTRY, ...part }, NAMES));
const used = (part: Partial<AuditEntry>) => credentialOf({ ...ENTRY, ...part });
const by = (actorId: string, actorEmail = "") => actorName({ ...ENTRY, actorId, actorEmail }, NAMES);
const address = (actorId: string, actorEmail: string) => actorAddress({ ...ENTRY, actorId, actorEmail }, NAMES);
const named = (userAgent: string, source = "") => programOf({ ...ENTRY, userAgent, source });
test("the words of the log are those of the server", () => {
  const document = JSON.parse(readFileSync(new URL("../../../../docs/reference/openapi-identity.json", import.meta.url), "utf8")) as { components: { schemas: Record<string, { enum?: string[] }> } };
  const { AuditAction, AuditTarget } = document.components.schemas;
  expect([AuditAction?.enum, AuditTarget?.enum]).toEqual([AUDIT_ACTIONS, AUDIT_TARGETS]);
});

test("a filter is in the address and comes back from it", () => {
  const filter: AuditFilter = { actor: "u1", action: "delete", target: "api_key", id: "ci & more", result: "refused", range: "day", from: null, to: null };
  expect(filterOf(new URLSearchParams(queryOf(filter, { before: "7", entry: "e1" })))).toEqual(filter);
  expect(queryOf(NO_FILTER)).toBe("");
  expect(read("action=destroy&result=good&range=aeon&from=yesterday")).toEqual(NO_FILTER);
  for (const none of ["9999-99-99", "2026-02-29", "2026-00-10", "2026-11-31T10:00:00.000Z", "2026-11-01T99:00:00Z", "1", "+010000-01-01T00:00:00Z"]) {
    expect(read(`range=day&from=${encodeURIComponent(none)}&to=${encodeURIComponent(none)}`), none).toEqual({ ...NO_FILTER, range: "day" });
  }
  expect(read("from=2028-02-29&to=2026-11-01T10:20:30.123Z")).toEqual({ ...NO_FILTER, from: "2028-02-29", to: "2026-11-01T10:20:30.123Z" });
  expect(read("range=day&from=2026-11-01")).toEqual({ ...NO_FILTER, from: "2026-11-01" });
  expect([isNarrow(NO_FILTER), isNarrow(filter)]).toEqual([false, true]);
});

test("the server is asked for what the filter says", () => {
  expect(asked({})).toEqual({ limit: "50" });
  expect(asked({ actor: "gone@x.example", result: "unknown" }, "9")).toEqual({ actorEmail: "gone@x.example", result: "unknown", nextToken: "9", limit: "50" });
  expect(asked({ actor: "operator", range: "hour" })).toEqual({ actorId: "operator", from: "2026-11-22T11:00:00.000Z", limit: "50" });
  const day = asked({ from: "2026-11-01", to: "2026-11-01" });
  expect([day.from, day.to]).toEqual([new Date(2026, 10, 1).toISOString(), new Date(2026, 10, 2, 0, 0, 0, -1).toISOString()]);
  const moment = "2026-11-01T10:20:30.123Z";
  expect(asked({ from: moment, to: moment })).toEqual({ from: moment, to: moment, limit: "50" });
});

test("an entry says what was done, and what was only tried", () => {
  expect(said({})).toBe("Made the key ci");
  expect(said({ statusCode: 403 })).toBe("Tried to make the key ci");
  expect(said({ action: "delete", statusCode: null })).toBe("Began to revoke the key ci");
  expect(said({ targetType: "organization_invitation", targetId: "", metadata: { email: "bo@x.example", role: "owner" } })).toBe("Invited bo@x.example as owner");
  expect(said({ action: "accept", targetType: "organization_invitation", targetId: "i1" })).toBe("Accepted the invitation of bo@x.example");
  const access = (metadata: object) => said({ action: "update_access", targetType: "organization_user", targetId: "u2", metadata: { ...metadata } });
  expect(access({ role: "member", assignedRoleIds: ["r1", "r2"] })).toBe("Changed the access of Bo to Developer, r2");
  expect([access({ role: "owner" }), access({ role: "member" })]).toEqual(["Changed the access of Bo to owner", "Changed the access of Bo to member without roles"]);
  expect(said({ action: "delete", targetType: "organization_user", targetId: "5d0f3a01-96c0-4d1e-8f6b-3f1f0f6c2a11" })).toBe("Removed 5d0f3a01…");
  const rooms = (metadata: AuditEntry["metadata"], targetId = "") => said({ action: "delete", targetType: "room", targetId, metadata });
  const operation = "delete_rooms";
  expect(rooms({ operation, rooms: ["a", "b", "c"], count: 120 })).toBe("Deleted the rooms a, b and 118 more");
  expect([rooms({ operation, rooms: ["a"], count: 1 }), rooms({ operation: "delete_room" }, "standup")]).toEqual(["Deleted the room a", "Deleted the room standup"]);
  expect(rooms({ operation: "delete_room", rooms: ["a", "b"] }, "standup")).toBe("Deleted the room standup");
  expect(said({ action: "update", targetType: "domain", targetId: "o1" })).toBe("Changed the settings of the domain");
  expect(said({ action: "delete", targetType: "organization_user", targetId: "u3", metadata: { email: "cy@x.example" } })).toBe("Removed cy@x.example");
});

test("every pair of words makes a sentence", () => {
  for (const action of AUDIT_ACTIONS) {
    for (const targetType of AUDIT_TARGETS) expect(textOf(sentenceOf({ ...ENTRY, action, targetType }, NAMES))).toMatch(/^[A-Z][a-z ]+/);
  }
});

test("a credential is a key, an application, a browser or the machine", () => {
  expect(used({ actorApiKeyPrefix: "par", actorApiKeySuffix: "x9Z" })).toBe("Key par…x9Z");
  expect(used({ metadata: { application: { id: "a1", name: "Back office" } } })).toBe("Application Back office");
  expect([used({}), used({ actorId: "operator" }), used({ actorId: "retention" }), used({ actorId: "" })]).toEqual(["Browser", "On the machine", "On the machine", null]);
});

test("who did it is a person, or the server by one of its names", () => {
  expect([by("u2", "bo@x.example"), by("u3", "cy@x.example"), by("u3"), by("")]).toEqual(["Bo", "cy@x.example", "u3", "Somebody unknown"]);
  expect([by("operator"), by("retention")]).toEqual(["This server", "Retention"]);
  expect([address("u2", "bo@x.example"), address("u3", "cy@x.example"), address("operator", "")]).toEqual(["bo@x.example", null, null]);
});

test("programs are named as people know them", () => {
  expect(named("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0")).toBe("Edge, Windows");
  expect(named("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1")).toBe("Safari, iOS");
  expect([named("python-httpx/0.28.1", "sdk-python"), named("curl/8.5.0"), named("")]).toEqual(["sdk-python", "curl/8.5.0", null]);
});

test("what came of it is one of four", () => {
  expect([null, 200, 303, 400, 404, 500].map(resultOf)).toEqual(["unknown", "done", "done", "refused", "refused", "failed"]);
});
