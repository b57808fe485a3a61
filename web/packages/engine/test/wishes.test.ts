import { expect, test } from "vitest";

import { Rig, view } from "./rig.ts";

function rigWith(...ids: string[]): Rig {
  const rig = new Rig();
  rig.join({ participants: ids.map((id) => view(id, { "cam-audio": "sending", "cam-video": "sending", "custom-video:board": "sending" })) });
  return rig;
}

test("a room that is taken as it is hears nothing", () => {
  const rig = rigWith("bo");
  expect(rig.sent("set_subscriptions")).toEqual([]);
  expect(rig.sent("set_network_quality")).toEqual([]);
});

test("subscriptions are told by difference, and those of somebody who comes later once they come", () => {
  const rig = rigWith("bo");
  const gathered = (): unknown => rig.on({ type: "timer-fired", timer: "wishes" });
  rig.on({ type: "subscribe-to-all", subscription: false });
  rig.on({ type: "subscribe-to", participant: "bo", subscription: { "cam-audio": true, others: "staged" } });
  rig.on({ type: "subscribe-to", participant: "cy", subscription: true });
  gathered();
  rig.hear({ type: "participant_joined", participant: view("cy") });
  gathered();
  rig.on({ type: "subscribe-to", participant: "bo", subscription: null });
  gathered();
  gathered();
  const none = { tracks: {}, others: "none" };
  expect(rig.sent("set_subscriptions")).toEqual([
    { type: "set_subscriptions", base: none, participants: {} },
    { type: "set_subscriptions", participants: { bo: { tracks: { "cam-audio": "full" }, others: "staged" } } },
    { type: "set_subscriptions", participants: { cy: { tracks: {}, others: "full" } } },
    { type: "set_subscriptions", participants: { bo: null } },
  ]);
  expect(rig.call.participants.get("bo")?.tracks["cam-video"].state).toBe("sendable");
});

test("what was wished before joining is told on arrival, and again to a room that forgot", () => {
  const rig = new Rig();
  rig.on({ type: "subscribe-to-all", subscription: "staged" });
  rig.join();
  expect(rig.sent("set_subscriptions")).toHaveLength(1);
  rig.on({ type: "socket-closed", socket: rig.last("open-socket").socket });
  rig.on({ type: "timer-fired", timer: "retry" });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear({ type: "refused", reason: "connection-error", info: "" });
  rig.join();
  expect(rig.sent("set_subscriptions")).toHaveLength(2);
});

test("sizes of videos are gathered for a moment, and only the difference is told", () => {
  const rig = rigWith("bo", "cy");
  const large = { max_layer: 2, is_paused: false, priority: "speaker" } as const;
  const small = { max_layer: 0, is_paused: false, priority: "normal" } as const;
  rig.on({ type: "set-video-wishes", wishes: { base: small, byParticipant: { bo: { "cam-video": small } } } });
  rig.on({ type: "set-video-wishes", wishes: { base: small, byParticipant: { bo: { "cam-video": large } } } });
  expect(rig.sent("set_video_wishes")).toEqual([]);
  rig.on({ type: "timer-fired", timer: "wishes" });
  rig.on({ type: "set-video-wishes", wishes: { base: small, byParticipant: { cy: { "cam-video": large } } } });
  rig.on({ type: "timer-fired", timer: "wishes" });
  rig.on({ type: "set-video-wishes", wishes: { base: small, byParticipant: { cy: { "cam-video": large } } } });
  rig.on({ type: "timer-fired", timer: "wishes" });
  expect(rig.sent("set_video_wishes")).toEqual([
    { type: "set_video_wishes", base: small, participants: { bo: { "cam-video": large } } },
    { type: "set_video_wishes", participants: { bo: {}, cy: { "cam-video": large } } },
  ]);
});

test("a video that the way down does not carry is off for that, one that we paused is not", () => {
  const rig = rigWith("bo");
  const bo = { participant: "bo", source: "cam-video" } as const;
  rig.hear({ type: "slots", slots: [{ mid: "3", track: bo }] });
  rig.on({ type: "slot-unmuted", peer: rig.last("create-peer").peer, mid: "3" });
  rig.hear({ type: "video_deliveries", deliveries: [{ ...bo, layer: null, is_limited: true }] });
  expect(rig.call.participants.get("bo")?.tracks["cam-video"]).toMatchObject({ state: "off", off: "bandwidth" });
  rig.hear({ type: "video_deliveries", deliveries: [{ ...bo, layer: 1, is_limited: true }] });
  expect(rig.call.participants.get("bo")?.tracks["cam-video"].state).toBe("playable");
  rig.hear({ type: "video_deliveries", deliveries: [{ ...bo, layer: null, is_limited: false }] });
  expect(rig.call.participants.get("bo")?.tracks["cam-video"].state).toBe("playable");
  rig.hear({ type: "participant_left", id: "bo", reason: "left" });
  expect(rig.engine.deliveries.size).toBe(0);
});

test("the room hears how the network does, and that one records, when that changes", () => {
  const rig = rigWith("bo");
  rig.on({ type: "quality-measured", quality: "weak" });
  rig.on({ type: "quality-measured", quality: "weak" });
  rig.on({ type: "set-recording", isRecording: true });
  expect(rig.sent("set_network_quality")).toEqual([{ type: "set_network_quality", quality: "weak" }]);
  expect(rig.sent("set_recording")).toEqual([{ type: "set_recording", is_recording: true }]);
  expect(rig.call.local).toMatchObject({ isRecording: true, network: "weak" });
  rig.hear({ type: "participant_updated", participant: view("bo", {}, { network: "poor", is_recording: true }) });
  expect(rig.call.participants.get("bo")).toMatchObject({ isRecording: true, network: "poor" });
});

test("custom tracks of others are seen by tag", () => {
  const rig = rigWith("bo");
  expect(rig.call.participants.get("bo")?.custom).toEqual({ board: { state: "loading", trackId: null, kind: "video" } });
  const before = rig.call.participants.get("bo");
  rig.hear({ type: "active_speaker", participant: "bo" });
  expect(rig.call.participants.get("bo")).toBe(before);
});

test("the tag of a custom track may be any word", () => {
  const rig = new Rig();
  rig.join({ participants: [view("bo", { "custom-video:__proto__": "sending", "custom-audio:constructor": "sending" })] });
  const before = rig.call.participants.get("bo");
  expect(Object.keys(before?.custom ?? {})).toEqual(["__proto__", "constructor"]);
  rig.hear({ type: "active_speaker", participant: "bo" });
  expect(rig.call.participants.get("bo")).toBe(before);
});
