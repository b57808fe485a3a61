import { expect, test } from "vitest";

import { Rig, view } from "./rig.ts";

function joinedRig(): Rig {
  const rig = new Rig();
  rig.join();
  return rig;
}

test("what an admin asks of others goes to the room", () => {
  const rig = joinedRig();
  rig.on({ type: "update-participants", everybody: { audio: false }, participants: { bo: { is_ejected: true } } });
  expect(rig.sent("update_participants")).toEqual([{ type: "update_participants", everybody: { audio: false }, participants: { bo: { is_ejected: true } } }]);
});

test("nobody is changed from outside of the call", () => {
  const rig = new Rig();
  rig.on({ type: "update-participants", everybody: { audio: false }, participants: {} });
  expect(rig.emitted("rejected")).toMatchObject([{ message: "update_participants" }]);
});

test("a microphone that an admin switches off is off for that reason, and one may switch it on again", () => {
  const rig = joinedRig();
  rig.hear({ type: "participant_updated", participant: view("me", { "cam-audio": "off_by_remote", "cam-video": "sending" }) });
  rig.hear({ type: "media_requested", source: "cam-audio", is_on: false, by: "bo" });
  expect(rig.call.local.tracks["cam-audio"]).toMatchObject({ state: "off", off: "remote-request" });
  expect(rig.sent("publish").some((message) => (message as { state: string }).state === "off")).toBe(false);
  expect(rig.emitted("media-requested")).toEqual([{ type: "media-requested", source: "cam-audio", isOn: false, by: "bo" }]);
  rig.on({ type: "set-wanted", source: "cam-audio", wanted: true, by: "user" });
  expect(rig.call.local.tracks["cam-audio"].state).toBe("playable");
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: "cam-audio", state: "sending" });
});

test("an owner's wish starts a camera", () => {
  const rig = new Rig();
  rig.join({}, { startVideoOff: true });
  rig.hear({ type: "media_requested", source: "cam-video", is_on: true, by: "bo" });
  expect(rig.last("capture").sources).toEqual(["cam-video"]);
});

test("an admin ends a screen share", () => {
  const rig = joinedRig();
  rig.on({ type: "start-screen" });
  rig.on({ type: "captured", capture: rig.last("capture-screen").capture, results: { "screen-video": { trackId: "screen", device: null } } });
  rig.hear({ type: "media_requested", source: "screen-video", is_on: false, by: "bo" });
  expect(rig.emitted("screen-share-stopped")).toHaveLength(1);
});

test("others who were switched off are seen so", () => {
  const rig = new Rig();
  rig.join({ participants: [view("bo", { "cam-audio": "off_by_remote" })] });
  expect(rig.call.participants.get("bo")?.tracks["cam-audio"]).toMatchObject({ state: "off", off: "remote-request" });
});
