import { expect, test } from "vitest";

import type { TrackView } from "../src/index.ts";
import { Rig, view } from "./rig.ts";

function rigWithBo(): Rig {
  const rig = new Rig();
  rig.join({ participants: [view("bo", { "cam-audio": "sending", "cam-video": "sending" })] });
  return rig;
}

function videoOf(rig: Rig): TrackView | undefined {
  return rig.call.participants.get("bo")?.tracks["cam-video"];
}

function peerOf(rig: Rig): number {
  return rig.last("create-peer").peer;
}

function assign(rig: Rig): void {
  rig.hear({ type: "slots", slots: [{ mid: "3", track: { participant: "bo", source: "cam-video" } }] });
}

test("a track loads until its slot has media", () => {
  const rig = rigWithBo();
  expect(videoOf(rig)).toEqual({ state: "loading", trackId: null });
  assign(rig);
  expect(videoOf(rig)).toEqual({ state: "loading", trackId: "slot-video" });
  rig.on({ type: "slot-unmuted", peer: peerOf(rig), mid: "3" });
  expect(videoOf(rig)).toEqual({ state: "playable", trackId: "slot-video" });
});

test("a short silence is no interruption, a long one is", () => {
  const rig = rigWithBo();
  assign(rig);
  const peer = peerOf(rig);
  rig.on({ type: "slot-unmuted", peer, mid: "3" });
  rig.on({ type: "slot-muted", peer, mid: "3" });
  expect(videoOf(rig)?.state).toBe("playable");
  expect(rig.effects).toContainEqual({ type: "start-timer", timer: "mute:3", ms: 3_000 });
  rig.on({ type: "timer-fired", timer: "mute:3" });
  expect(videoOf(rig)).toEqual({ state: "interrupted", trackId: "slot-video" });
  rig.on({ type: "slot-unmuted", peer, mid: "3" });
  expect(videoOf(rig)?.state).toBe("playable");
});

test.each([
  ["off", { state: "off", off: "user", trackId: "slot-video" }],
  ["blocked", { state: "blocked", blocked: "unknown", trackId: "slot-video" }],
  ["not_permitted", { state: "off", off: "permission", trackId: "slot-video" }],
] as const)("a sender's %s shows", (state, expected) => {
  const rig = rigWithBo();
  assign(rig);
  rig.hear({ type: "participant_updated", participant: view("bo", { "cam-video": state }) });
  expect(videoOf(rig)).toEqual(expected);
});

test("what is not wanted is sendable only", () => {
  const rig = rigWithBo();
  assign(rig);
  rig.on({ type: "slot-unmuted", peer: peerOf(rig), mid: "3" });
  rig.on({ type: "subscribe-to-all", subscription: false });
  expect(videoOf(rig)).toEqual({ state: "sendable", trackId: null });
  rig.on({ type: "subscribe-to", participant: "bo", subscription: { "cam-video": true } });
  expect(videoOf(rig)?.state).toBe("playable");
  expect(rig.call.participants.get("bo")?.tracks["cam-audio"].state).toBe("sendable");
});

test("slots wanted are added and offered, one negotiation after the other", () => {
  const rig = rigWithBo();
  const offers = (): number => rig.effects.filter((effect) => effect.type === "create-offer").length;
  const before = offers();
  rig.hear({ type: "slots_wanted", audio: 3, video: 4 });
  expect(rig.last("add-slots")).toMatchObject({ audio: 3, video: 4 });
  expect(offers()).toBe(before + 1);
  rig.hear({ type: "slots_wanted", audio: 5, video: 5 });
  expect(offers()).toBe(before + 1);
  rig.offer();
  rig.hear({ type: "answer", sdp: "answer" });
  expect(offers()).toBe(before + 2);
});

test("an assignment may come before the offer's slots are known", () => {
  const rig = rigWithBo();
  rig.hear({ type: "slots", slots: [{ mid: "9", track: { participant: "bo", source: "cam-video" } }] });
  rig.hear({ type: "slots_wanted", audio: 3, video: 3 });
  rig.on({ type: "offer-created", peer: peerOf(rig), sdp: "", sends: [], slots: [{ mid: "9", trackId: "nine" }] });
  expect(videoOf(rig)).toEqual({ state: "loading", trackId: "nine" });
});

test("participants keep their identity until something about them changes", () => {
  const rig = rigWithBo();
  const bo = rig.call.participants.get("bo");
  rig.hear({ type: "active_speaker", participant: "bo" });
  expect(rig.call.participants.get("bo")).toBe(bo);
  rig.hear({ type: "participant_updated", participant: view("bo", {}, { user_name: "Bob" }) });
  expect(rig.call.participants.get("bo")).not.toBe(bo);
});

test("somebody who leaves is gone, and told of as last known", () => {
  const rig = rigWithBo();
  rig.hear({ type: "active_speaker", participant: "bo" });
  rig.hear({ type: "participant_left", id: "bo", reason: "left" });
  expect(rig.call.participants.size).toBe(0);
  expect(rig.call.activeSpeaker).toBeNull();
  expect(rig.emitted("participant-left")).toMatchObject([{ participant: { id: "bo" }, reason: "left" }]);
});

test("app messages are passed on", () => {
  const rig = rigWithBo();
  rig.hear({ type: "app_message", from: "bo", data: { n: 1 } });
  expect(rig.emitted("app-message")).toEqual([{ type: "app-message", from: "bo", data: { n: 1 } }]);
});

test("a failed transport is restarted a few times, then it is an error", () => {
  const rig = rigWithBo();
  const peer = peerOf(rig);
  for (let count = 0; count < 4; count += 1) {
    rig.on({ type: "peer-state", peer, state: "failed" });
    expect(rig.last("create-offer").restartIce).toBe(true);
    rig.offer();
    rig.hear({ type: "answer", sdp: "answer" });
  }
  rig.on({ type: "peer-state", peer, state: "failed" });
  expect(rig.call.error).toMatchObject({ reason: "connection-error", during: "rtc-connection" });
});

test("a transport that recovers by itself is left alone", () => {
  const rig = rigWithBo();
  const peer = peerOf(rig);
  rig.on({ type: "peer-state", peer, state: "disconnected" });
  expect(rig.call.network.media).toBe("interrupted");
  rig.on({ type: "peer-state", peer, state: "connected" });
  expect(rig.effects.filter((effect) => effect.type === "create-offer" && effect.restartIce)).toHaveLength(0);
  expect(rig.call.network.media).toBe("connected");
});
