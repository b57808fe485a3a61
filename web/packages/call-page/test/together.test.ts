import type { Call, CallState, Participant } from "@parlor/browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { answerHistory, askForHistory, receiveHistory } from "../src/chat-history.ts";
import { followHands, react, receiveGesture, toggleHand } from "../src/gestures.ts";
import { parseSignal, type Signal } from "../src/model/signal.ts";
import { Page } from "../src/page.ts";

interface Sent {
  readonly signal: Signal | null;
  readonly to: "*" | readonly string[];
}

function person(id: string, more: Partial<Participant> = {}): Participant {
  return { id, userId: id, userName: id, joinedAt: 1_000, isOwner: false, permissions: { hasPresence: true, canSend: true, canReceive: { base: true }, canAdmin: false }, ...more } as Participant;
}

/** A page in a call with these others, and what it sends. */
function pageWith(others: readonly Participant[], properties: Record<string, boolean> = {}): { page: Page; sent: Sent[] } {
  const sent: Sent[] = [];
  const all = { enable_chat: true, enable_hand_raising: true, enable_emoji_reactions: true, ...properties };
  const state = { phase: "joined", local: person("me"), participants: new Map(others.map((other) => [other.id, other])), effective: { properties: all } };
  const call = { state, sendAppMessage: (data: unknown, to: Sent["to"]) => void sent.push({ signal: parseSignal(data), to }) };
  const address = { url: "http://parlor.test/den", room: "den", host: "parlor.test", token: null };
  return { page: new Page(call as unknown as Call, address), sent };
}

const withOthers = (page: Page, others: readonly Participant[]): CallState => ({ ...page.call.state, participants: new Map(others.map((other) => [other.id, other])) });

beforeEach(() => {
  vi.useFakeTimers({ now: 50_000 });
  vi.stubGlobal("navigator", { language: "en" });
  vi.stubGlobal("localStorage", { getItem: () => null });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("one's own hand is told to all, and to who comes later, until it is down", () => {
  const { page, sent } = pageWith([person("bo")]);
  toggleHand(page);
  expect(sent).toEqual([{ signal: { kind: "hand", raisedAt: 50_000 }, to: "*" }]);
  followHands(page, withOthers(page, [person("bo"), person("cy")]), page.call.state);
  expect(sent[1]).toEqual({ signal: { kind: "hand", raisedAt: 50_000 }, to: ["cy"] });
  toggleHand(page);
  expect(sent[2]).toEqual({ signal: { kind: "hand", raisedAt: null }, to: "*" });
  expect(page.ui.value.hands.size).toBe(0);
});

test("the hand of who leaves goes with them, and strangers have none", () => {
  const { page } = pageWith([person("bo")]);
  receiveGesture(page, "bo", { kind: "hand", raisedAt: 3 });
  receiveGesture(page, "stranger", { kind: "hand", raisedAt: 1 });
  expect([...page.ui.value.hands.keys()]).toEqual(["bo"]);
  followHands(page, withOthers(page, []), page.call.state);
  expect(page.ui.value.hands.size).toBe(0);
});

test("only a host lowers somebody else's hand", () => {
  const { page } = pageWith([person("bo"), person("host", { isOwner: true })]);
  toggleHand(page);
  receiveGesture(page, "bo", { kind: "lower-hand" });
  expect(page.ui.value.hands.has("me")).toBe(true);
  receiveGesture(page, "host", { kind: "lower-hand" });
  expect(page.ui.value.hands.has("me")).toBe(false);
});

test("where the switches are off, hands and reactions of others are not shown", () => {
  const { page } = pageWith([person("bo")], { enable_hand_raising: false, enable_emoji_reactions: false });
  receiveGesture(page, "bo", { kind: "hand", raisedAt: 3 });
  receiveGesture(page, "bo", { kind: "reaction", reaction: "👏" });
  expect(page.ui.value.hands.size + page.ui.value.reactions.size).toBe(0);
});

test("a reaction goes after three seconds, and who taps faster than it helps sends fewer", () => {
  const { page, sent } = pageWith([person("bo")]);
  react(page, "👏");
  react(page, "👏");
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(2_999);
  expect(page.ui.value.reactions.get("me")?.reaction).toBe("👏");
  vi.advanceTimersByTime(1);
  expect(page.ui.value.reactions.size).toBe(0);
});

const PAST = { from: "bo", userId: "bo", name: "Bo", text: "before", at: 7 };

test("the chat so far is asked of who was there longest, and taken from nobody else", async () => {
  const { page, sent } = pageWith([person("new", { joinedAt: 9 }), person("old", { joinedAt: 3 })]);
  const asking = askForHistory(page);
  expect(sent).toEqual([{ signal: { kind: "history-wanted" }, to: ["old"] }]);
  receiveHistory(page, "new", [{ ...PAST, text: "forged" }]);
  receiveHistory(page, "old", [PAST]);
  await vi.advanceTimersByTimeAsync(10_000);
  await asking;
  receiveHistory(page, "old", [{ ...PAST, text: "too late" }]);
  expect(sent).toHaveLength(1);
  expect(page.ui.value.chat).toMatchObject([{ kind: "message", text: "before", name: "Bo" }]);
});

test("who does not answer is followed by the next, three at most", async () => {
  const { page, sent } = pageWith(["a", "b", "c", "d"].map((id, index) => person(id, { joinedAt: index })));
  const asking = askForHistory(page);
  await vi.advanceTimersByTimeAsync(10_000);
  await asking;
  expect(sent.map(({ to }) => to)).toEqual([["a"], ["b"], ["c"]]);
});

test("an answer has what was said, and each person gets it once in a while only", () => {
  const { page, sent } = pageWith([person("bo"), person("cy")]);
  page.ui.update({ chat: [{ kind: "message", key: 1, ...PAST }, { kind: "note", key: 2, text: "Bo joined", at: 8 }] });
  answerHistory(page, "cy");
  answerHistory(page, "cy");
  answerHistory(page, "stranger");
  expect(sent).toEqual([{ signal: { kind: "history", messages: [PAST] }, to: ["cy"] }]);
});

test("where the chat is not shared nobody asks or answers", async () => {
  const { page, sent } = pageWith([person("bo")], { enable_shared_chat_history: false });
  await askForHistory(page);
  answerHistory(page, "bo");
  expect(sent).toEqual([]);
});
