import type { Call, Participant } from "@parlor/browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { receiveCaption } from "../src/captions.ts";
import { actAsHost, followMediaRequest, hostActs, receiveAsk } from "../src/host.ts";
import { deny, followKnocks, knocking, letAllIn } from "../src/knocks.ts";
import { Page } from "../src/page.ts";

const PLAIN = { hasPresence: true, canSend: true, canReceive: { base: true }, canAdmin: false } as const;

function person(id: string, sends: readonly string[] = [], more: Partial<Participant> = {}): Participant {
  const state = (source: string) => ({ state: sends.includes(source) ? "playable" : "off", trackId: null });
  const tracks = { "cam-audio": state("cam-audio"), "cam-video": state("cam-video"), "screen-video": state("screen-video"), "screen-audio": state("screen-audio") };
  return { id, userId: id, userName: id, joinedAt: 1_000, isOwner: false, permissions: PLAIN, tracks, ...more } as Participant;
}

const words = (participantId: string) => ({ event: "transcription-message", participantId, text: "Hello." });
const knock = (id: string, since: number) => ({ id, name: id, since });

/** A page of a host with these others, and what was asked of the call. */
function pageWith(others: readonly Participant[], waiting: readonly ReturnType<typeof knock>[] = []) {
  const call = {
    state: { phase: "joined", local: person("me", [], { isOwner: true }), participants: new Map(others.map((other) => [other.id, other])), waiting: new Map(waiting.map((one) => [one.id, one])), effective: { properties: { enable_live_captions_ui: true } } },
    answerKnock: vi.fn(),
    updateParticipant: vi.fn(),
    sendAppMessage: vi.fn(),
    setLocalAudio: vi.fn(),
    setLocalVideo: vi.fn(),
  };
  return { call, page: new Page(call as unknown as Call, { url: "http://parlor.test/den", room: "den", host: "parlor.test", token: null }) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 50_000 });
  vi.stubGlobal("navigator", { language: "en" });
  vi.stubGlobal("localStorage", { getItem: () => null });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a host mutes who is heard and asks who is not; owners are neither removed nor made hosts", () => {
  expect(hostActs(person("bo", ["cam-audio"]), { isHandUp: true })).toEqual(["mute", "ask-video", "lower-hand", "no-longer-speak", "make-host", "remove"]);
  expect(hostActs(person("bo", [], { permissions: { ...PLAIN, canSend: false } }), { isHandUp: false })).toEqual(["let-speak", "make-host", "remove"]);
  expect(hostActs(person("bo", ["cam-audio"], { isOwner: true }), { isHandUp: false })).toEqual(["mute", "ask-video"]);
  expect(hostActs(person("bo", [], { permissions: { ...PLAIN, canAdmin: ["participants"] } }), { isHandUp: false })).toContain("unmake-host");
});

test("removing asks first, muting acts at once", () => {
  const { page, call } = pageWith([person("bo", ["cam-audio"])]);
  actAsHost(page, "bo", "mute");
  expect(call.updateParticipant).toHaveBeenCalledWith("bo", { audio: false });
  actAsHost(page, "bo", "remove");
  expect(page.ui.value.dialog).toBe("remove:bo");
  expect(call.updateParticipant).toHaveBeenCalledTimes(1);
});

test("a denial is sent after five seconds, unless it is undone", () => {
  const { page, call } = pageWith([], [knock("lena", 1), knock("dan", 2)]);
  deny(page, knock("lena", 1));
  expect(knocking(page.call.state.waiting, page.ui.value.denied).map(({ id }) => id)).toEqual(["dan"]);
  vi.advanceTimersByTime(4_900);
  expect(call.answerKnock).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(call.answerKnock).toHaveBeenCalledWith("lena", false);
  deny(page, knock("dan", 2));
  page.ui.value.toast?.action?.run();
  vi.advanceTimersByTime(10_000);
  expect(call.answerKnock).toHaveBeenCalledTimes(1);
});

test("letting all in leaves out who is about to be denied", () => {
  const { page, call } = pageWith([], [knock("lena", 1), knock("dan", 2)]);
  deny(page, knock("lena", 1));
  letAllIn(page);
  expect(call.answerKnock.mock.calls).toEqual([["dan", true]]);
});

test("who is gone from the door is forgotten", () => {
  const { page } = pageWith([], [knock("lena", 1)]);
  const before = page.call.state;
  deny(page, knock("lena", 1));
  followKnocks(page, { ...before, waiting: new Map() }, before);
  expect(page.ui.value.denied.size).toBe(0);
});

test("only hosts ask one to unmute, and only one's own hand does it", () => {
  const { page, call } = pageWith([person("bo"), person("host", [], { isOwner: true })]);
  receiveAsk(page, "bo", "unmute");
  expect(page.ui.value.toast).toBeNull();
  receiveAsk(page, "host", "unmute");
  expect(page.ui.value.toast?.text).toBe("host asks you to unmute");
  expect(call.setLocalAudio).not.toHaveBeenCalled();
  page.ui.value.toast?.action?.run();
  expect(call.setLocalAudio).toHaveBeenCalledWith(true);
});

test("what a host switches is said, and what was switched on can be switched off at once", () => {
  const { page, call } = pageWith([person("host", [], { isOwner: true })]);
  followMediaRequest(page, { source: "cam-audio", isOn: false, by: "host" });
  expect(page.ui.value.toast?.text).toBe("host muted you");
  followMediaRequest(page, { source: "cam-video", isOn: true, by: "host" });
  page.ui.value.toast?.action?.run();
  expect(call.setLocalVideo).toHaveBeenCalledWith(false);
});

test("nobody but the server, a host or the speaker puts words into somebody's mouth", () => {
  const { page } = pageWith([person("bo"), person("host", [], { isOwner: true })]);
  expect(receiveCaption(page, "bo", words("host"))).toBe(true);
  expect(page.ui.value.captionLog).toHaveLength(0);
  for (const from of ["bo", "host", "the server"]) receiveCaption(page, from, words("bo"));
  expect(page.ui.value.captionLog.map(({ name }) => name)).toEqual(["bo", "bo", "bo"]);
  expect(receiveCaption(page, "bo", { event: "chat-msg" })).toBe(false);
});
