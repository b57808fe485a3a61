import { expect, it } from "vitest";

import { appended, formatChat, grouped, linked, MAX_ENTRIES, parseChat, type ChatEntry } from "../src/model/chat-log.ts";

const message = (key: number, from: string, at: number): ChatEntry => ({ kind: "message", key, from, userId: from, name: from, text: `text ${key}`, at });

it("groups messages of one person within three minutes", () => {
  const groups = grouped([message(1, "ana", 0), message(2, "ana", 60_000), message(3, "bo", 61_000), message(4, "ana", 62_000), message(5, "ana", 62_000 + 180_001)]);
  expect(groups.map((group) => (group.kind === "messages" ? `${group.name} ${group.messages.length}` : "note"))).toEqual(["ana 2", "bo 1", "ana 1", "ana 1"]);
});

it("lets a note end a group", () => {
  const groups = grouped([message(1, "ana", 0), { kind: "note", key: 2, text: "Bo joined", at: 1 }, message(3, "ana", 2)]);
  expect(groups.map((group) => group.kind)).toEqual(["messages", "note", "messages"]);
});

it("keeps the newest entries when there are too many", () => {
  let entries: readonly ChatEntry[] = [];
  for (let key = 0; key < MAX_ENTRIES + 5; key++) entries = appended(entries, message(key, "ana", key));
  expect(entries).toHaveLength(MAX_ENTRIES);
  expect(entries.at(0)?.key).toBe(5);
});

it("links only web addresses, without the full stop after them", () => {
  expect(linked("see https://a.example/x?y=1. And javascript:alert(1)")).toEqual([
    { text: "see " },
    { text: "https://a.example/x?y=1", href: "https://a.example/x?y=1" },
    { text: ". And javascript:alert(1)" },
  ]);
  expect(linked("no links").map((piece) => piece.href)).toEqual([undefined]);
});

it("reads what it writes, and nothing else", () => {
  expect(parseChat(formatChat("hello", "Ana", 0))).toEqual({ text: "hello", name: "Ana", date: "1970-01-01T00:00:00.000Z" });
  for (const other of [null, "hello", 7, {}, { event: "chat-msg" }, { event: "chat-msg", message: " " }, { event: "other", message: "x" }]) expect(parseChat(other)).toBeNull();
});
