import type { Permissions } from "@parlor/protocol";
import { expect, test } from "vitest";

import { INTENT, joinAnswer, Rig, view } from "./rig.ts";

function may(canSend: Permissions["canSend"], hasPresence = true): Permissions {
  return { hasPresence, canSend, canReceive: { base: true }, canAdmin: false };
}

function joinedRig(): Rig {
  const rig = new Rig();
  rig.join();
  rig.effects = rig.effects.filter((effect) => effect.type === "open-socket" || effect.type === "create-peer");
  return rig;
}

test("what may no longer be sent is off, gives its device back, and the room is told so", () => {
  const rig = joinedRig();
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(["audio"]) }) });
  expect(rig.call.local.tracks["cam-video"]).toEqual({ state: "off", off: "permission", trackId: null });
  expect(rig.call.local.tracks["cam-audio"].state).toBe("playable");
  expect(rig.effects).toContainEqual({ type: "release", source: "cam-video" });
  expect(rig.effects).toContainEqual(expect.objectContaining({ type: "attach", source: "cam-video", trackId: null }));
  expect(rig.sent("publish")).toEqual([{ type: "publish", source: "cam-video", state: "off" }]);
});

test("what may be sent again stays off until the person switches it on", () => {
  const rig = joinedRig();
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(false) }) });
  rig.effects = rig.effects.filter((effect) => effect.type !== "capture");
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(true) }) });
  expect(rig.call.local.tracks["cam-audio"]).toEqual({ state: "off", off: "user", trackId: null });
  expect(rig.effects.some((effect) => effect.type === "capture")).toBe(false);
  rig.on({ type: "set-wanted", source: "cam-audio", wanted: true, by: "user" });
  expect(rig.last("capture").sources).toEqual(["cam-audio"]);
  rig.capture();
  expect(rig.call.local.tracks["cam-audio"].state).toBe("playable");
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: "cam-audio", state: "sending" });
});

test("a wish for what may not be sent is turned down", () => {
  const rig = joinedRig();
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(false) }) });
  rig.on({ type: "set-wanted", source: "cam-video", wanted: true, by: "user" });
  expect(rig.emitted("rejected")).toMatchObject([{ message: "publish" }]);
  expect(rig.effects.some((effect) => effect.type === "capture")).toBe(false);
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(true) }) });
  expect(rig.call.local.tracks["cam-video"].off).toBe("user");
});

test("who only tries the way there sends to the echo, though nobody sees them", () => {
  const rig = new Rig();
  rig.join({ participant: view("me", {}, { permissions: may(true, false) }) }, { purpose: "check" });
  expect(rig.last("request-join").body).toMatchObject({ purpose: "check" });
  expect(rig.call.local.tracks["cam-video"].state).toBe("playable");
});

test("a screen share ends when it may no longer be sent", () => {
  const rig = joinedRig();
  rig.on({ type: "start-screen" });
  rig.on({ type: "captured", capture: rig.last("capture-screen").capture, results: { "screen-video": { trackId: "screen", device: null } } });
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(["audio", "video"]) }) });
  expect(rig.emitted("screen-share-stopped")).toHaveLength(1);
  expect(rig.effects).toContainEqual({ type: "release", source: "screen-video" });
  expect(rig.call.local.tracks["screen-video"]).toMatchObject({ state: "off", off: "permission" });
});

test("who may send nothing is not asked for devices, and joins", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  const answer = joinAnswer();
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: { ...answer, effective: { ...answer.effective, permissions: may(false) } } });
  expect(rig.effects.some((effect) => effect.type === "capture")).toBe(false);
  expect(rig.call.local.tracks["cam-video"]).toMatchObject({ state: "off", off: "permission" });
});

test("a camera that was started before the join is given back where it may not be sent", () => {
  const rig = new Rig();
  rig.on({ type: "start-camera" });
  rig.capture();
  rig.on({ type: "join", intent: INTENT });
  const answer = joinAnswer();
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: { ...answer, effective: { ...answer.effective, permissions: may(["audio"]) } } });
  expect(rig.effects.filter((effect) => effect.type === "release")).toEqual([{ type: "release", source: "cam-video" }]);
});

test("what applied in a call that is over does not bind a camera after it", () => {
  const rig = joinedRig();
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(false) }) });
  rig.on({ type: "leave" });
  rig.on({ type: "start-camera" });
  expect(rig.last("capture").sources).toEqual(["cam-audio", "cam-video"]);
});

test("who is not seen any more sends nothing either, and nobody is put on the air by being seen again", () => {
  const rig = joinedRig();
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(true, false) }) });
  expect(rig.call.local.tracks["cam-video"]).toEqual({ state: "off", off: "permission", trackId: null });
  rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions: may(true) }) });
  expect(rig.call.local.tracks["cam-video"]).toEqual({ state: "off", off: "user", trackId: null });
});

test("presence of others comes and goes, and the unseen are counted", () => {
  const rig = new Rig();
  rig.join({ participants: [view("bo")], hidden: 1 });
  rig.hear({ type: "participant_left", id: "bo", reason: "hidden" });
  rig.hear({ type: "hidden_count", hidden: 2 });
  expect(rig.call.participants.size).toBe(0);
  expect(rig.call.hidden).toBe(2);
  expect(rig.emitted("participant-left")).toMatchObject([{ participant: { id: "bo" }, reason: "hidden" }]);
  rig.hear({ type: "participant_joined", participant: view("bo") });
  expect([...rig.call.participants.keys()]).toEqual(["bo"]);
});
