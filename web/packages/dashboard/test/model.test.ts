import { KEY_PERMISSIONS } from "@parlor/protocol";
import { expect, test } from "vitest";

import { draftFaults, type Draft } from "../src/model/draft.ts";
import { expiryState, momentOf } from "../src/model/expiry.ts";
import { heldBy, makerName } from "../src/model/people.ts";
import { allows, RESOURCES, shownWords, wordsOf } from "../src/model/permissions.ts";
import { placeOf } from "../src/model/place.ts";
import { envFile, envFileName, sampleFor } from "../src/model/sample.ts";
import { ago, until } from "../src/model/times.ts";
import { person, role } from "./people.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22, 12);

test("every word of the server can be given, or follows from one that can", () => {
  const given = RESOURCES.flatMap((resource) => resource.levels.map(([, word]) => word));
  const unreachable = KEY_PERMISSIONS.filter((word) => word !== "admin:organization" && !allows(given, word));
  expect(unreachable).toEqual([]);
  expect(given.filter((word) => !KEY_PERMISSIONS.includes(word))).toEqual([]);
});

test("words imply what the server says they imply", () => {
  expect(allows(["write:rooms"], "read:rooms")).toBe(true);
  expect(allows(["write:rooms"], "delete:rooms")).toBe(true);
  expect(allows(["delete:rooms"], "read:rooms")).toBe(false);
  expect(allows(["read:rooms"], "write:rooms")).toBe(false);
  expect(allows(["admin:organization"], "manage:secrets")).toBe(true);
  expect(allows(["write:rooms"], "admin:organization")).toBe(false);
});

test("choices become words in the table's order", () => {
  expect(wordsOf({ tokens: "create", rooms: "write", logs: "none" })).toEqual(["write:rooms", "create:tokens"]);
  expect(shownWords(["create:tokens", "write:rooms", "read:logs"], 2)).toEqual({ words: ["write:rooms", "create:tokens"], rest: ["read:logs"] });
});

test("a draft says what the server would refuse", () => {
  const good: Draft = { name: "game server", expiry: "90", date: "", isEverything: true, choices: {} };
  const faults = (part: Partial<Draft>) => draftFaults({ ...good, ...part }, NOW).map((fault) => fault.text);
  expect(faults({})).toEqual([]);
  expect(faults({ name: "  " })).toEqual(["nameEmpty"]);
  expect(faults({ name: "x".repeat(101) })).toEqual(["nameLong"]);
  expect(faults({ name: "a<b" })).toEqual(["nameCharacters"]);
  expect(faults({ expiry: "date" })).toEqual(["dateUnclear"]);
  expect(faults({ expiry: "date", date: "2026-11-01" })).toEqual(["datePast"]);
  expect(faults({ name: "", isEverything: false })).toEqual(["nameEmpty", "nothingChosen"]);
  expect(faults({ isEverything: false, choices: { rooms: "read" } })).toEqual([]);
});

test("a key ends when its choice says", () => {
  expect(momentOf("never", "", NOW)).toBeNull();
  expect(momentOf("30", "", NOW)).toBe(NOW + 30 * DAY);
  expect(momentOf("date", "2027-01-01", NOW)).toBe(new Date(2027, 0, 1, 23, 59, 59).getTime());
  const state = (inMs: number) => expiryState(new Date(NOW + inMs).toISOString(), NOW).kind;
  expect([state(-1), state(0), state(DAY), state(8 * DAY)]).toEqual(["expired", "expired", "soon", "later"]);
  expect(expiryState(null, NOW).kind).toBe("never");
});

test("times are said in the largest unit that fits", () => {
  expect(ago(NOW - 30_000, NOW)).toEqual({ kind: "now" });
  expect(ago(NOW + DAY, NOW)).toEqual({ kind: "now" });
  expect(ago(NOW - 150_000, NOW)).toEqual({ kind: "minutes", count: 2 });
  expect(ago(NOW - 41 * DAY, NOW)).toEqual({ kind: "days", count: 41 });
  expect(ago(NOW - 400 * DAY, NOW)).toEqual({ kind: "date" });
  expect(until(2 * DAY + 1)).toEqual({ unit: "days", count: 3 });
  expect(until(1)).toEqual({ unit: "minutes", count: 1 });
});

test("people hold what their role gives", () => {
  const members = [person("u1", "Ana", { role: "owner" }), person("u2", "Bo", { assignedRoles: [role(["read:rooms"]), role(["read:rooms", "read:logs"])] })];
  expect(heldBy("u1", members)).toEqual(["admin:organization"]);
  expect(heldBy("u2", members)).toEqual(["read:rooms", "read:logs"]);
  expect(heldBy("u3", members)).toEqual([]);
  const words = { machine: "server", gone: "gone" };
  const maker = (id: string) => makerName(id, { id: "u1", name: "Ana", email: "" }, members, words);
  expect([maker("operator"), maker("u1"), maker("u2"), maker("u3")]).toEqual(["server", "Ana", "Bo", "gone"]);
});

test("the sample is one that the key may send", () => {
  const origin = "https://meet.parlor.example";
  expect(sampleFor(["admin:organization"], origin).text).toContain(`curl ${origin}/v1/rooms`);
  expect(sampleFor(["read:logs"], origin).text).toContain(`curl ${origin}/api-keys/current`);
  expect(envFile("parlor_x", origin)).toBe(`PARLOR_API_KEY=parlor_x\nPARLOR_URL=${origin}\n`);
  expect([envFileName("Game server"), envFileName("…")]).toEqual(["game-server.env", "parlor.env"]);
});

test("addresses lead to pages", () => {
  expect([placeOf("/dashboard"), placeOf("/dashboard/"), placeOf("/dashboard/api-keys"), placeOf("/dashboard/members"), placeOf("/dashboard/audit/"), placeOf("/dashboard/x")]).toEqual(["api-keys", "api-keys", "api-keys", "members", "audit", null]);
});
