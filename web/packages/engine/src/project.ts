/**
 * From what the room said and what the devices do to the participants as
 * everybody sees them. Unchanged participants keep their identity, so that a
 * comparison by `===` finds the changed ones.
 */
import type { ParticipantId, ParticipantView, TrackSource } from "@parlor/protocol";

import { trackKey, localTrackOf, NOBODY, type Engine, type LocalTrack, type Slot } from "./engine.ts";
import { isPermitted } from "./permission.ts";
import { kindOf, SOURCES, tagOf, type MainSource } from "./source.ts";
import type { BlockedReason, CallState, CaptureFailureReason, CustomTracks, CustomTrackView, Participant, Subscription, SubscriptionValue, Subscriptions, Tracks, TrackView } from "./state.ts";

/** The public state with participants brought up to date. */
export function project(engine: Engine): CallState {
  const { call } = engine;
  const local = keep(call.local, localParticipant(engine));
  const participants = new Map<ParticipantId, Participant>();
  const isIn = call.phase === "joined";
  const look: Look = { engine, slots: slotsByTrack(engine.slots) };
  for (const view of isIn ? engine.others.values() : []) {
    const before = call.participants.get(view.id);
    const after = { ...fromView(view), tracks: mapSources((source) => remoteTrack(look, view, source)), custom: remoteCustom(look, view) };
    participants.set(view.id, before ? keep(before, after) : after);
  }
  if (local === call.local && isSameMap(call.participants, participants)) return call;
  return { ...call, local, participants: isSameMap(call.participants, participants) ? call.participants : participants };
}

function localParticipant(engine: Engine): Participant {
  const { self, call } = engine;
  const base = self ? fromView(self) : { ...NOBODY, userName: call.local.userName, userData: call.local.userData };
  const custom = customTracks(engine.custom.keys(), (source) => localTrack(engine, source));
  return { ...base, tracks: mapSources((source) => localTrack(engine, source)), custom, network: call.network.quality, isRecording: engine.isRecording };
}

function fromView(view: ParticipantView): Omit<Participant, "tracks" | "custom"> {
  return {
    id: view.id,
    userId: view.user_id,
    userName: view.user_name,
    userData: view.user_data,
    isOwner: view.is_owner,
    joinedAt: view.joined_at,
    ejectAt: view.eject_at ?? null,
    permissions: view.permissions,
    isRecording: view.is_recording,
    network: view.network,
  };
}

function localTrack(engine: Engine, source: TrackSource): TrackView {
  const track = localTrackOf(engine, source);
  const trackId = track.capture.step === "live" ? track.capture.trackId : null;
  if (!isPermitted(engine, source)) return { state: "off", off: "permission", trackId };
  if (!track.wanted) return { state: "off", off: track.by === "remote-request" ? "remote-request" : "user", trackId };
  return wantedTrack(track);
}

function wantedTrack({ capture }: LocalTrack): TrackView {
  switch (capture.step) {
    case "none":
      return { state: "off", off: "user", trackId: null };
    case "starting":
      return { state: "interrupted", trackId: null };
    case "live":
      return { state: "playable", trackId: capture.trackId };
    case "failed":
      return { state: "blocked", blocked: blockedReason(capture.failure.reason), trackId: null };
    default:
      return capture satisfies never;
  }
}

function blockedReason(reason: CaptureFailureReason): BlockedReason {
  switch (reason) {
    case "permission-user":
    case "permission-browser":
      return "permission";
    case "missing":
    case "unsupported":
      return "missing";
    case "in-use":
      return "in-use";
    case "constraints":
    case "unknown":
      return "unknown";
    default:
      return reason satisfies never;
  }
}

function remoteCustom(look: Look, view: ParticipantView): CustomTracks {
  const sources = Object.keys(view.tracks) as TrackSource[];
  return customTracks(sources.filter((source) => (view.tracks[source] ?? "off") !== "off"), (source) => remoteTrack(look, view, source));
}

/** By tag; where a picture and a sound have the same, the last one counts. */
function customTracks(sources: Iterable<TrackSource>, view: (source: TrackSource) => TrackView): CustomTracks {
  const tracks: [string, CustomTrackView][] = [];
  for (const source of sources) {
    const tag = tagOf(source);
    if (tag !== null) tracks.push([tag, { ...view(source), kind: kindOf(source) }]);
  }
  // Others choose the tags, and an assignment to `__proto__` would be lost.
  return tracks.length === 0 ? NO_CUSTOM : Object.fromEntries(tracks);
}

const NO_CUSTOM: CustomTracks = {};

function remoteTrack({ engine, slots }: Look, view: ParticipantView, source: TrackSource): TrackView {
  const slot = slots.get(trackKey({ participant: view.id, source }));
  const trackId = slot?.trackId ?? null;
  switch (view.tracks[source] ?? "off") {
    case "off":
      return { state: "off", off: "user", trackId };
    case "off_by_remote":
      return { state: "off", off: "remote-request", trackId };
    case "not_permitted":
      return { state: "off", off: "permission", trackId };
    case "blocked":
      return { state: "blocked", blocked: "unknown", trackId };
    default:
      break;
  }
  if (wantedOf(engine.call.subscriptions, view.id, source) !== true) return { state: "sendable", trackId: null };
  const delivery = engine.deliveries.get(trackKey({ participant: view.id, source }));
  const isRested = delivery?.layer === null;
  if (isRested && delivery.is_limited) return { state: "off", off: "bandwidth", trackId };
  if (!slot || trackId === null || slot.media === "waiting") return { state: "loading", trackId };
  // Paused by our own wish is no trouble.
  if (isRested) return { state: "playable", trackId };
  return { state: slot.media === "interrupted" ? "interrupted" : "playable", trackId };
}

/** The engine, and its slots by what they carry. */
interface Look {
  readonly engine: Engine;
  readonly slots: ReadonlyMap<string, Slot>;
}

function slotsByTrack(slots: ReadonlyMap<string, Slot>): ReadonlyMap<string, Slot> {
  return new Map([...slots.values()].flatMap((slot) => (slot.track ? [[trackKey(slot.track), slot]] : [])));
}

/** What is wanted of one track. */
export function wantedOf(subscriptions: Subscriptions, participant: ParticipantId, source: TrackSource): SubscriptionValue {
  const subscription: Subscription = subscriptions.byParticipant[participant] ?? subscriptions.all;
  return typeof subscription === "object" ? (subscription[source] ?? subscription.others ?? false) : subscription;
}

/** The slot that carries a track, for the shell. */
export function midOf(engine: Engine, participant: ParticipantId, source: TrackSource): string | undefined {
  return [...engine.slots.values()].find(({ track }) => track?.participant === participant && track.source === source)?.mid;
}

function mapSources(view: (source: MainSource) => TrackView): Tracks {
  return {
    "cam-audio": view("cam-audio"),
    "cam-video": view("cam-video"),
    "screen-audio": view("screen-audio"),
    "screen-video": view("screen-video"),
  };
}

function keep(before: Participant, after: Participant): Participant {
  const tracks = SOURCES.every((source) => isSameTrack(before.tracks[source], after.tracks[source])) ? before.tracks : after.tracks;
  const custom = isSameCustom(before.custom, after.custom) ? before.custom : after.custom;
  const next = { ...after, tracks, custom };
  return isShallowEqual(before, next) ? before : next;
}

function isSameCustom(a: CustomTracks, b: CustomTracks): boolean {
  const [tags, others] = [Object.keys(a), Object.keys(b)];
  return tags.length === others.length && tags.every((tag) => {
    const [was, is] = [a[tag], Object.hasOwn(b, tag) ? b[tag] : undefined];
    return was !== undefined && is !== undefined && was.kind === is.kind && isSameTrack(was, is);
  });
}

function isSameTrack(a: TrackView, b: TrackView): boolean {
  return a.state === b.state && a.off === b.off && a.blocked === b.blocked && a.trackId === b.trackId;
}

function isShallowEqual(a: Participant, b: Participant): boolean {
  return (Object.keys(b) as (keyof Participant)[]).every((key) => Object.is(a[key], b[key]));
}

function isSameMap<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  if (a.size !== b.size) return false;
  const theirs = [...b];
  return [...a].every(([key, value], index) => theirs[index]?.[0] === key && theirs[index]?.[1] === value);
}
