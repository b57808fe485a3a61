import { expect, test } from "vitest";

import { Rig } from "./rig.ts";

function joinedRig(): Rig {
  const rig = new Rig();
  rig.join();
  rig.effects = rig.effects.filter((effect) => effect.type === "open-socket" || effect.type === "create-peer" || effect.type === "create-offer");
  return rig;
}

test("muting keeps the microphone open and says off", () => {
  const rig = joinedRig();
  rig.on({ type: "set-wanted", source: "cam-audio", wanted: false, by: "user" });
  expect(rig.effects).toContainEqual({ type: "enable", source: "cam-audio", on: false });
  expect(rig.effects.some((effect) => effect.type === "release")).toBe(false);
  expect(rig.sent("publish")).toEqual([{ type: "publish", source: "cam-audio", state: "off" }]);
  expect(rig.call.local.tracks["cam-audio"]).toMatchObject({ state: "off", off: "user" });
  rig.on({ type: "set-wanted", source: "cam-audio", wanted: true, by: "user" });
  expect(rig.call.local.tracks["cam-audio"].state).toBe("playable");
});

test("switching the camera off gives the device back, and on asks for it again", () => {
  const rig = joinedRig();
  rig.on({ type: "set-wanted", source: "cam-video", wanted: false, by: "user" });
  expect(rig.effects).toContainEqual({ type: "release", source: "cam-video" });
  expect(rig.effects).toContainEqual(expect.objectContaining({ type: "attach", source: "cam-video", trackId: null }));
  rig.on({ type: "set-wanted", source: "cam-video", wanted: true, by: "user" });
  expect(rig.last("capture").sources).toEqual(["cam-video"]);
  expect(rig.call.local.tracks["cam-video"].state).toBe("interrupted");
  rig.capture();
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: "cam-video", state: "sending" });
});

test("a camera that fails is blocked, told of, and does not keep one from joining", () => {
  const rig = new Rig();
  rig.on({ type: "start-camera" });
  const { capture } = rig.last("capture");
  rig.on({
    type: "captured",
    capture,
    results: { "cam-video": { failure: { reason: "in-use", info: "busy" } }, "cam-audio": { trackId: "mic", device: null } },
  });
  expect(rig.emitted("camera-error")).toEqual([{ type: "camera-error", error: { failed: { "cam-video": { reason: "in-use", info: "busy" } } } }]);
  expect(rig.call.local.tracks["cam-video"]).toMatchObject({ state: "blocked", blocked: "in-use" });
  expect(rig.call.local.tracks["cam-audio"].state).toBe("playable");
});

test("a camera switched off while it starts stays off", () => {
  const rig = new Rig();
  rig.on({ type: "start-camera" });
  const { capture } = rig.last("capture");
  rig.on({ type: "set-wanted", source: "cam-video", wanted: false, by: "user" });
  rig.on({ type: "captured", capture, results: { "cam-video": { trackId: "late", device: null } } });
  expect(rig.call.local.tracks["cam-video"]).toMatchObject({ state: "off", trackId: null });
});

test("another microphone takes over without an end of the track for the others", () => {
  const rig = joinedRig();
  rig.on({ type: "recapture", sources: ["cam-audio"] });
  expect(rig.call.local.tracks["cam-audio"].state).toBe("interrupted");
  rig.capture();
  expect(rig.call.local.tracks["cam-audio"].state).toBe("playable");
  expect(rig.sent("publish")).toEqual([]);
});

test("an unplugged device gives way to the default one", () => {
  const rig = joinedRig();
  const { trackId } = rig.call.local.tracks["cam-audio"];
  rig.on({ type: "capture-ended", source: "cam-audio", trackId: trackId ?? "" });
  expect(rig.effects).toContainEqual({ type: "forget-device", source: "cam-audio" });
  expect(rig.last("capture").sources).toEqual(["cam-audio"]);
  expect(rig.emitted("device-lost")).toHaveLength(1);
});

test("sharing a screen adds what it needs, and stopping takes it away", () => {
  const rig = joinedRig();
  rig.on({ type: "start-screen" });
  const { capture } = rig.last("capture-screen");
  rig.on({ type: "captured", capture, results: { "screen-video": { trackId: "screen", device: null } } });
  expect(rig.effects).toContainEqual(expect.objectContaining({ type: "add-sender", source: "screen-video" }));
  expect(rig.effects).toContainEqual(expect.objectContaining({ type: "create-offer", restartIce: false }));
  expect(rig.sent("publish")).toEqual([{ type: "publish", source: "screen-video", state: "sending" }]);
  expect(rig.emitted("screen-share-started")).toHaveLength(1);

  rig.on({ type: "capture-ended", source: "screen-video", trackId: "screen" });
  expect(rig.emitted("screen-share-stopped")).toHaveLength(1);
  expect(rig.call.local.tracks["screen-video"].state).toBe("off");
});

test("a second share needs no second sender", () => {
  const rig = joinedRig();
  for (const trackId of ["one", "two"]) {
    rig.on({ type: "start-screen" });
    rig.on({ type: "captured", capture: rig.last("capture-screen").capture, results: { "screen-video": { trackId, device: null } } });
    rig.on({ type: "stop-screen" });
  }
  expect(rig.effects.filter((effect) => effect.type === "add-sender")).toHaveLength(1);
});

test("a screen that was not chosen is told of", () => {
  const rig = joinedRig();
  rig.on({ type: "start-screen" });
  rig.on({ type: "screen-refused", capture: rig.last("capture-screen").capture, reason: "canceled", info: "no" });
  expect(rig.emitted("screen-share-failed")).toMatchObject([{ reason: "canceled" }]);
  rig.on({ type: "start-screen" });
  expect(rig.effects.filter((effect) => effect.type === "capture-screen")).toHaveLength(2);
});
