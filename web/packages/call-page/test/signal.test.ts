import { expect, test } from "vitest";

import { parseChat } from "../src/model/chat-log.ts";
import { formatSignal, handQueue, packHistory, parseSignal, type Signal } from "../src/model/signal.ts";

const PAST = { from: "bo", userId: "bo", name: "Bo", text: "hello", at: 5 };

test.each<Signal>([
  { kind: "hand", raisedAt: 12 },
  { kind: "hand", raisedAt: null },
  { kind: "lower-hand" },
  { kind: "reaction", reaction: "👏" },
  { kind: "history-wanted" },
  { kind: "history", messages: [PAST] },
])("%o is what it was after the way, and no chat", (signal) => {
  const data: unknown = JSON.parse(JSON.stringify(formatSignal(signal)));
  expect(parseSignal(data)).toEqual(signal);
  expect(parseChat(data)).toBeNull();
});

test.each([
  null,
  "parlor-hand",
  [],
  {},
  { event: "chat-msg", message: "hi" },
  { event: "parlor-hand" },
  { event: "parlor-hand", raisedAt: "1" },
  { event: "parlor-reaction", reaction: "💣" },
  { event: "parlor-chat-history", messages: {} },
  { event: "constructor" },
])("%o is no signal", (data) => {
  expect(parseSignal(data)).toBeNull();
});

test("of a history that somebody made up only whole messages count", () => {
  const messages = [PAST, { ...PAST, at: 1e300 }, { ...PAST, name: 7 }, null, "x"];
  expect(parseSignal({ event: "parlor-chat-history", messages })).toEqual({ kind: "history", messages: [PAST] });
});

test("a history is packed into messages that fit, in order, without what fits into none", () => {
  const messages = Array.from({ length: 30 }, (_, index) => ({ ...PAST, text: `${index} ${"é".repeat(index === 7 ? 3000 : 200)}` }));
  const packs = packHistory(messages, 4096);
  for (const pack of packs) expect(new TextEncoder().encode(JSON.stringify(formatSignal(pack))).length).toBeLessThanOrEqual(4096);
  const unpacked = packs.flatMap((pack) => (pack.kind === "history" ? pack.messages : []));
  expect(unpacked.map(({ text }) => Number.parseInt(text, 10))).toEqual(messages.map((_, index) => index).filter((index) => index !== 7));
  expect(packs.length).toBeLessThan(6);
});

test("who raised a hand first stands first, and a tie is the same for everybody", () => {
  expect(handQueue(new Map([["cy", 3], ["bo", 1], ["di", 2], ["ana", 2]]))).toEqual(["bo", "ana", "di", "cy"]);
});
