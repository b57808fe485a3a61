import { expect, test } from "vitest";

import { Rig, view } from "./rig.ts";

const BOARD = "custom-video:board" as const;

function joinedRig(): Rig {
  const rig = new Rig();
  rig.join();
  return rig;
}

test("a custom track is sent, published and seen by its tag, until it is stopped", () => {
  const rig = joinedRig();
  rig.on({ type: "start-custom", source: BOARD, trackId: "t1" });
  expect(rig.call.local.custom).toEqual({ board: { state: "playable", trackId: "t1", kind: "video" } });
  expect(rig.effects).toContainEqual(expect.objectContaining({ type: "add-sender", source: BOARD }));
  expect(rig.effects).toContainEqual(expect.objectContaining({ type: "attach", source: BOARD, trackId: "t1" }));
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: BOARD, state: "sending" });
  rig.on({ type: "stop-custom", source: BOARD });
  expect(rig.call.local.custom).toEqual({});
  expect(rig.effects).toContainEqual(expect.objectContaining({ type: "attach", source: BOARD, trackId: null }));
  expect(rig.effects).toContainEqual({ type: "release", source: BOARD });
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: BOARD, state: "off" });
});

test("a new custom track takes over the sender of one that was stopped", () => {
  const rig = joinedRig();
  rig.on({ type: "start-custom", source: BOARD, trackId: "t1" });
  rig.on({ type: "stop-custom", source: BOARD });
  rig.on({ type: "start-custom", source: "custom-audio:music", trackId: "t2" });
  expect(rig.last("add-sender").source).toBe("custom-audio:music");
  rig.on({ type: "start-custom", source: "custom-video:film", trackId: "t3" });
  expect(rig.last("rename-sender")).toMatchObject({ from: BOARD, to: "custom-video:film" });
  expect(rig.last("attach")).toMatchObject({ source: "custom-video:film", trackId: "t3" });
  expect(rig.engine.peer?.senders).toEqual(["cam-audio", "cam-video", "custom-video:film", "custom-audio:music"]);
});

test("a custom track that ends by itself is gone", () => {
  const rig = joinedRig();
  rig.on({ type: "start-custom", source: BOARD, trackId: "t1" });
  rig.on({ type: "capture-ended", source: BOARD, trackId: "t1" });
  expect(rig.call.local.custom).toEqual({});
});

test("custom tracks that may not be sent, or are too many, are turned down", () => {
  const rig = joinedRig();
  for (let index = 0; index < 9; index += 1) rig.on({ type: "start-custom", source: `custom-audio:t${index}`, trackId: `t${index}` });
  expect(Object.keys(rig.call.local.custom)).toHaveLength(8);
  expect(rig.emitted("rejected")).toHaveLength(1);
  const permissions = { hasPresence: true, canSend: ["audio" as const], canReceive: { base: true }, canAdmin: false };
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions }) });
  expect(rig.call.local.custom).toEqual({});
});

test("custom tracks are offered again to a room that forgot", () => {
  const rig = joinedRig();
  rig.on({ type: "start-custom", source: BOARD, trackId: "t1" });
  rig.on({ type: "socket-closed", socket: rig.last("open-socket").socket });
  rig.on({ type: "timer-fired", timer: "retry" });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear({ type: "refused", reason: "connection-error", info: "" });
  rig.join();
  expect(rig.last("create-peer").senders).toContain(BOARD);
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: BOARD, state: "sending" });
});

test("the parts of a screen share can be kept back and sent again", () => {
  const rig = joinedRig();
  rig.on({ type: "start-screen" });
  rig.on({ type: "captured", capture: rig.last("capture-screen").capture, results: { "screen-video": { trackId: "screen", device: null } } });
  rig.on({ type: "update-screen", video: false });
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: "screen-video", state: "off" });
  expect(rig.call.local.tracks["screen-video"].state).toBe("off");
  rig.on({ type: "update-screen", video: true });
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: "screen-video", state: "sending" });
});

test("another network gets a new way for media, and a socket that does not answer is replaced", () => {
  const rig = joinedRig();
  rig.on({ type: "network-changed" });
  expect(rig.last("create-offer").restartIce).toBe(true);
  rig.on({ type: "timer-fired", timer: "ping" });
  expect(rig.call.network.signalling).toBe("interrupted");
});
