/**
 * What daily-js reads with `store.getState()` to find tracks, which cannot
 * travel in messages. Made anew on each look, so it is never behind the
 * messages that make the client look.
 */
import { customSource, type Call, type CallState, type Participant, type Subscription, type TrackSource } from "@parlor/browser";

import { TRACK_KEYS } from "./participant.ts";

const SOURCES = Object.values(TRACK_KEYS);

/** Marks a store as ours, for every run of the bundle in a window. */
const OURS = Symbol.for("parlor.call-machine.store");

/** The only method that the client uses. */
export interface Store {
  readonly [OURS]: true;
  getState(): unknown;
}

/** The store of a call. */
export function createStore(call: () => Call): Store {
  return { [OURS]: true, getState: () => stateOf(call()) };
}

/** Whether a store is a call machine's, and not the application's. */
export function isOwnStore(value: unknown): boolean {
  return typeof value === "object" && value !== null && OURS in value;
}

function stateOf(call: Call): unknown {
  const { state } = call;
  return {
    local: {
      public: { id: state.local.id, subscribedTracks: subscribedTracks(state), customTracks: customTracks(call) },
      streams: {
        cam: { stream: localStream(call, "cam-audio", "cam-video") },
        screen: { stream: localStream(call, "screen-audio", "screen-video") },
      },
    },
    participants: Object.fromEntries([...state.participants.keys()].map((id) => [id, participantEntry(id)])),
    streams: streams(call),
  };
}

function customTracks(call: Call): Record<string, unknown> {
  const own = Object.entries(call.state.local.custom).map(([tag, { kind }]) => [tag, call.trackOf("local", customSource(kind, tag))] as const);
  return Object.fromEntries(own.flatMap(([tag, track]) => (track ? [[tag, { track }]] : [])));
}

function participantEntry(id: string): unknown {
  // Said to be peer-to-peer, the client would clear media until a state says connected.
  return { public: { id, rtcType: { impl: "sfu" } }, private: { peeringState: "connected" } };
}

function localStream(call: Call, ...sources: readonly (typeof SOURCES)[number][]): MediaStream {
  return new MediaStream(sources.flatMap((source) => call.trackOf("local", source) ?? []));
}

function streams(call: Call): Record<string, unknown> {
  const found: [string, unknown][] = [];
  for (const [id, { custom }] of call.state.participants) {
    for (const { source, type } of [...STANDARD, ...customTypes(custom)]) {
      const pendingTrack = call.trackOf(id, source);
      if (pendingTrack) found.push([`${id}/${source}`, { participantId: id, type, pendingTrack, starttime: EPOCH }]);
    }
  }
  return Object.fromEntries(found);
}

const STANDARD = SOURCES.map((source) => ({ source, type: source.startsWith("cam-") ? "cam" : "screen" }));

/** The client finds custom tracks by their tag. One must not be found under a standard name. */
function customTypes(custom: Participant["custom"]): { source: TrackSource; type: string }[] {
  const own = Object.entries(custom).map(([tag, { kind }]) => ({ source: customSource(kind, tag), type: tag }));
  return own.filter(({ type }) => type !== "cam" && type !== "screen");
}

/** There is one track of a kind for each person, so no start time need decide. */
const EPOCH = new Date(0);

function subscribedTracks({ subscriptions, participants }: CallState): Record<string, unknown> {
  const each = Object.entries(subscriptions.byParticipant).map(([id, wanted]) => [id, perTrack(wanted, participants.get(id)?.custom ?? {})] as const);
  return { ...Object.fromEntries(each), ALL: typeof subscriptions.all === "object" ? false : subscriptions.all };
}

function perTrack(wanted: Subscription, custom: Participant["custom"]): Record<string, unknown> {
  const value = (source: TrackSource): unknown => (typeof wanted === "object" ? (wanted[source] ?? wanted.others ?? false) : wanted);
  const tags = Object.entries(custom).map(([tag, { kind }]) => [tag, value(customSource(kind, tag))]);
  return { ...Object.fromEntries(SOURCES.map((source) => [source, value(source)])), custom: Object.fromEntries(tags) };
}
