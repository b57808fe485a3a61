import { expect, test } from "vitest";

import type { CallState } from "@parlor/browser";

import { INTENT, joinAnswer, Rig, view, welcome } from "../../engine/test/rig.ts";
import { eventsOf, type Outgoing } from "../src/translate.ts";
import { qualityFields } from "../src/translate/network.ts";

const CONTEXT = { placeholderId: "placeholder", url: "http://parlor.test/den", unseen: new Set<string>() };

/** Follows a rig's state and gives the events of each step. */
class Follower {
  readonly rig = new Rig();
  #before: CallState = this.rig.call;

  events(unseen: ReadonlySet<string> = CONTEXT.unseen): Outgoing[] {
    const events = eventsOf(this.#before, this.rig.call, { ...CONTEXT, unseen });
    this.#before = this.rig.call;
    return events;
  }

  actions(): string[] {
    return this.events().map(({ action }) => action);
  }
}

test("own tracks come before joined-meeting, others after it", () => {
  const follower = new Follower();
  const { rig } = follower;
  rig.on({ type: "join", intent: INTENT });
  expect(follower.actions()).toEqual([]);
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer() });
  expect(follower.actions()).toEqual(["access-state-updated", "participant-updated"]);
  rig.offer();
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear(welcome({ participants: [view("bo")], hidden: 1, active_speaker: "bo" }));
  expect(follower.actions()).toEqual(["participant-updated", "network-connection"]);
  rig.capture();
  expect(follower.actions()).toEqual([
    "participant-updated",
    "meeting-session-summary-updated",
    "meeting-session-updated",
    "meeting-session-state-updated",
    "joined-meeting",
    "participant-joined",
    "participant-counts-updated",
    "active-speaker-change",
  ]);
});

test("joined-meeting lists oneself only, and says how long messages may be", () => {
  const follower = new Follower();
  follower.rig.join({ participants: [view("bo")] });
  const joined = follower.events().find(({ action }) => action === "joined-meeting");
  expect(joined?.fields).toMatchObject({ participants: { local: { session_id: "me", local: true } }, internal: { _maxAppMessageSize: 4096 } });
  expect(Object.keys(joined?.fields?.["participants"] ?? {})).toEqual(["local"]);
});

test("who leaves is told of as last known", () => {
  const follower = new Follower();
  follower.rig.join({ participants: [view("bo")] });
  follower.events();
  follower.rig.hear({ type: "participant_left", id: "bo", reason: "left" });
  const events = follower.events();
  expect(events.map(({ action }) => action)).toEqual(["participant-left", "participant-counts-updated"]);
  expect(events[0]?.fields).toMatchObject({ participant: { session_id: "bo", user_name: "bo's name" } });
});

test("who loses presence has left, with that reason, and is counted as hidden", () => {
  const follower = new Follower();
  follower.rig.join({ participants: [view("bo")] });
  follower.events();
  follower.rig.hear({ type: "participant_left", id: "bo", reason: "hidden" });
  const events = follower.events(new Set(["bo"]));
  expect(events[0]).toMatchObject({ action: "participant-left", fields: { participant: { session_id: "bo" }, reason: "hidden" } });
  follower.rig.hear({ type: "hidden_count", hidden: 1 });
  expect(follower.events()).toEqual([{ action: "participant-counts-updated", fields: { participantCounts: { present: 1, hidden: 1 } } }]);
});

test("who is hidden is not counted as present", () => {
  const follower = new Follower();
  follower.rig.join({ participants: [view("bo")] });
  follower.events();
  const permissions = { hasPresence: false, canSend: true, canReceive: { base: true }, canAdmin: false };
  follower.rig.hear({ type: "participant_updated", participant: view("me", {}, { permissions }) });
  expect(follower.events()).toMatchObject([
    { action: "participant-updated", fields: { participant: { local: true, permissions: { hasPresence: false } } } },
    { action: "participant-counts-updated", fields: { participantCounts: { present: 1, hidden: 1 } } },
  ]);
});

function state(data: object): Outgoing {
  return { action: "meeting-session-state-updated", fields: { meetingSessionState: { data, topology: "sfu" } } };
}

test("session data is told of when one joins, and when it changes", () => {
  const follower = new Follower();
  follower.rig.join({ session_data: { round: 1 } });
  expect(follower.events()).toContainEqual(state({ round: 1 }));
  follower.rig.hear({ type: "session_data", data: { round: 2 } });
  expect(follower.events()).toEqual([state({ round: 2 })]);
  follower.rig.hear({ type: "meeting_changed", meeting: "meeting-2" });
  const meetingSession = { id: "meeting-2" };
  expect(follower.events()).toEqual([
    { action: "meeting-session-summary-updated", fields: { meetingSession } },
    { action: "meeting-session-updated", fields: { meetingSession } },
    state({}),
  ]);
});

test("a change of one participant is one event", () => {
  const follower = new Follower();
  follower.rig.join({ participants: [view("bo"), view("cy")] });
  follower.events();
  follower.rig.hear({ type: "participant_updated", participant: view("cy", { "cam-audio": "sending" }) });
  const events = follower.events();
  expect(events).toMatchObject([{ action: "participant-updated", fields: { participant: { session_id: "cy", tracks: { audio: { state: "loading" } } } } }]);
});

test("an error is followed by left-meeting, once", () => {
  const follower = new Follower();
  follower.rig.join();
  follower.events();
  follower.rig.hear({ type: "removed", reason: "time_limit" });
  expect(follower.events()).toMatchObject([{ action: "error", fields: { errorMsg: "Meeting has ended", error: { type: "ejected" } } }, { action: "left-meeting" }]);
  follower.rig.on({ type: "devices-listed", devices: [] });
  expect(follower.actions()).toEqual([]);
});

test("leaving is left-meeting and nothing else", () => {
  const follower = new Follower();
  follower.rig.join({ participants: [view("bo")] });
  follower.events();
  follower.rig.on({ type: "leave" });
  expect(follower.actions()).toEqual(["left-meeting"]);
});

test("signalling that is lost and found is told of", () => {
  const follower = new Follower();
  follower.rig.join();
  follower.events();
  follower.rig.on({ type: "socket-closed", socket: follower.rig.last("open-socket").socket });
  expect(follower.events()).toEqual([{ action: "network-connection", fields: { type: "signaling", event: "interrupted" } }]);
});

test("network quality always carries a state", () => {
  const follower = new Follower();
  follower.rig.join();
  follower.events();
  follower.rig.on({ type: "quality-measured", quality: "weak" });
  expect(follower.events()).toMatchObject([{ action: "participant-updated", fields: { participant: { networkThreshold: "low", networkQualityState: "warning" } } }]);
  expect(qualityFields(follower.rig.call, null)).toEqual({ threshold: "low", quality: 60, state: { state: "warning", reasons: [] }, stats: { latest: {} } });
});

test("chosen devices are told of as plain objects", () => {
  const follower = new Follower();
  const { rig } = follower;
  rig.on({ type: "start-camera" });
  const { capture } = rig.last("capture");
  const device = { deviceId: "c1", groupId: "g", kind: "videoinput", label: "Cam" } as const;
  rig.on({ type: "captured", capture, results: { "cam-video": { trackId: "t", device } } });
  expect(follower.events()).toContainEqual({ action: "selected-devices-updated", fields: { devices: { camera: device, mic: {}, speaker: {} } } });
});

test("a change of subscriptions is an update of everybody", () => {
  const follower = new Follower();
  follower.rig.join({ participants: [view("bo", { "cam-video": "sending" })] });
  follower.events();
  follower.rig.on({ type: "subscribe-to-all", subscription: false });
  expect(follower.events()).toMatchObject([{ action: "participant-updated", fields: { participant: { tracks: { video: { state: "sendable", subscribed: false } } } } }]);
});
