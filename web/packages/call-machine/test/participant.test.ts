import { expect, test } from "vitest";

import type { CallState, TrackView } from "@parlor/browser";

import { Rig, view } from "../../engine/test/rig.ts";
import { localParticipant, permissions, remoteParticipant, trackEntry } from "../src/participant.ts";

function callWith(rest: Parameters<typeof view>[2] = {}): CallState {
  const rig = new Rig();
  rig.join({ participants: [view("bo", { "cam-audio": "sending" }, rest)] });
  return rig.call;
}

function bo(call: CallState): Record<string, unknown> {
  const participant = call.participants.get("bo");
  if (!participant) throw new Error("bo is not there");
  return remoteParticipant(call, participant);
}

test("a participant has dates and sets, not texts and lists", () => {
  const limited = { hasPresence: true, canSend: ["audio" as const], canReceive: { base: true }, canAdmin: ["participants" as const] };
  const someone = bo(callWith({ eject_at: 5000, permissions: limited }));
  expect(someone["joined_at"]).toEqual(new Date(1000));
  expect(someone["will_eject_at"]).toEqual(new Date(5000));
  expect(someone["permissions"]).toEqual({ hasPresence: true, canSend: new Set(["audio"]), canReceive: { base: true }, canAdmin: new Set(["participants"]) });
});

test("never being removed is the epoch", () => {
  expect(bo(callWith())["will_eject_at"]).toEqual(new Date(0));
});

test("whole grants stay booleans", () => {
  expect(permissions({ hasPresence: false, canSend: true, canReceive: { base: false }, canAdmin: false })).toEqual({
    hasPresence: false,
    canSend: true,
    canReceive: { base: false },
    canAdmin: false,
  });
});

test("userData is left out when unset", () => {
  expect(bo(callWith())).not.toHaveProperty("userData");
  expect(bo(callWith({ user_data: { seat: 3 } }))["userData"]).toEqual({ seat: 3 });
});

test("all four tracks are always there, and the old flags follow them", () => {
  const someone = bo(callWith());
  expect(Object.keys(someone["tracks"] as object)).toEqual(["audio", "video", "screenAudio", "screenVideo"]);
  expect(someone).toMatchObject({ audio: true, video: false, screen: false, local: false });
});

test("before joining, a placeholder stands in for the session id", () => {
  const someone = localParticipant(new Rig().call, "placeholder");
  expect(someone).toMatchObject({ session_id: "placeholder", user_id: "placeholder", local: true });
  expect(someone).not.toHaveProperty("joined_at");
});

const TRACKS: readonly (readonly [TrackView, object])[] = [
  [{ state: "off", off: "user", trackId: null }, { state: "off", off: { byUser: true } }],
  [{ state: "off", off: "remote-request", trackId: null }, { state: "off", off: { byRemoteRequest: true } }],
  [{ state: "off", off: "permission", trackId: null }, { state: "off", off: { byCanSendPermission: true } }],
  [{ state: "blocked", blocked: "missing", trackId: null }, { state: "blocked", blocked: { byDeviceMissing: true } }],
  [{ state: "blocked", blocked: "in-use", trackId: null }, { state: "blocked", blocked: { byDeviceInUse: true } }],
  [{ state: "blocked", blocked: "permission", trackId: null }, { state: "blocked", blocked: { byPermissions: true } }],
  [{ state: "blocked", blocked: "unknown", trackId: null }, { state: "blocked", blocked: {} }],
  [{ state: "sendable", trackId: null }, { state: "sendable" }],
  [{ state: "loading", trackId: null }, { state: "loading" }],
  [{ state: "interrupted", trackId: "t" }, { state: "interrupted" }],
  [{ state: "playable", trackId: "t" }, { state: "playable" }],
];

test.each(TRACKS)("track entry of %o", (track, expected) => {
  expect(trackEntry(track, true)).toEqual({ subscribed: true, ...expected });
});
