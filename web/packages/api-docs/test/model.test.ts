import { expect, test } from "vitest";

import { catalogOf, entryById, filtered } from "../src/model/catalog.ts";
import { curlOf } from "../src/model/curl.ts";
import { failuresOf } from "../src/model/errors.ts";
import { fieldsOf, typeOf } from "../src/model/fields.ts";
import { jsonTokens } from "../src/model/json-tokens.ts";
import { snippetOf } from "../src/model/snippets.ts";
import { SAMPLE } from "./sample.ts";

const subjects = catalogOf(SAMPLE);
const updateRoom = entryById(subjects, "update_room");

test("operations are listed by subject, in the document's order, without empty ones", () => {
  expect(subjects.map((subject) => subject.title)).toEqual(["Rooms", "Meeting tokens"]);
  expect(subjects[0]?.entries.map((entry) => `${entry.method} ${entry.path}`)).toEqual(["POST /v1/rooms/{name}", "GET /v1"]);
  expect(entryById(subjects, "no_such")).toBeUndefined();
});

function found(query: string): readonly string[] {
  return filtered(subjects, query).flatMap((subject) => subject.entries.map((entry) => entry.id));
}

test("a search looks at words of name, address, permission and subject", () => {
  expect(found("")).toHaveLength(3);
  expect(found("post ROOMS")).toEqual(["update_room"]);
  expect(found("write:rooms")).toEqual(["update_room"]);
  expect(found("tokens")).toEqual(["create_token"]);
  expect(found("elephants")).toEqual([]);
});

test("a command fills in examples and survives quotes", () => {
  if (!updateRoom) throw new Error("the operation is there");
  const command = curlOf(updateRoom, "http://localhost:7070");
  expect(command).toBe(
    [
      `curl -X POST 'http://localhost:7070/v1/rooms/it'\\''s'`,
      `-H "Authorization: Bearer $PARLOR_API_KEY"`,
      `-H "Content-Type: application/json"`,
      `-d '{\n  "privacy": "public"\n}'`,
    ].join(" \\\n  "),
  );
});

test("the same call in other languages", () => {
  if (!updateRoom) throw new Error("the operation is there");
  expect(snippetOf("JavaScript", updateRoom, "http://localhost")).toContain(`  body: JSON.stringify({\n    "privacy": "public"\n  }),`);
  const python = snippetOf("Python", updateRoom, "http://localhost");
  expect(python).toContain(`    "http://localhost/v1/rooms/it's",\n    method="POST",`);
  expect(python).toContain(`    data=json.dumps({\n        "privacy": "public",\n    }).encode(),`);
});

test("fields say what they are, what they may be, and what is inside", () => {
  const [privacy, properties, tags] = fieldsOf({ $ref: "#/components/schemas/Update" }, SAMPLE);
  expect(privacy).toMatchObject({ name: "privacy", type: "string", isRequired: true, isNullable: true, options: ["public", "private"], description: "Who may enter." });
  expect(properties).toMatchObject({ type: "object", isRequired: false, isNullable: true });
  expect(properties?.fields[0]).toMatchObject({ name: "max", limits: ["1 to 200"], standard: "200" });
  expect(tags?.type).toBe("list of strings");
});

test("a schema that contains itself ends", () => {
  const depth = (fields: ReturnType<typeof fieldsOf>): number => 1 + Math.max(0, ...fields.map((field) => (field.fields.length > 0 ? depth(field.fields) : 0)));
  expect(depth(fieldsOf({ $ref: "#/components/schemas/Properties" }, SAMPLE))).toBeLessThan(8);
});

test("types are words", () => {
  expect(typeOf({ oneOf: [{ type: "boolean" }, { type: "array", items: { type: "string" } }, { type: "null" }] }, SAMPLE)).toBe("boolean or list of strings");
  expect(typeOf({ type: "object", additionalProperties: { type: "integer" } }, SAMPLE)).toBe("map of integers");
  expect(typeOf({ type: "string", format: "uuid" }, SAMPLE)).toBe("string (uuid)");
  expect(typeOf({}, SAMPLE)).toBe("any value");
});

test("failures follow references and show what the answer says", () => {
  if (!updateRoom) throw new Error("the operation is there");
  expect(failuresOf(updateRoom.operation, SAMPLE)).toEqual([
    { status: "404", meaning: "There is no such thing.", cases: [{ kind: "not-found", info: "room standup not found" }] },
  ]);
});

test("JSON is cut into keys, strings, values and the rest, and loses nothing", () => {
  const value = { name: 'a "b": 1', list: [1, -2.5, true, null], empty: {} };
  const tokens = jsonTokens(value);
  expect(tokens.map((token) => token.text).join("")).toBe(JSON.stringify(value, null, 2));
  expect(tokens.filter((token) => token.kind === "key").map((token) => token.text)).toEqual(['"name"', '"list"', '"empty"']);
  expect(tokens.filter((token) => token.kind === "value").map((token) => token.text)).toEqual(["1", "-2.5", "true", "null"]);
});
