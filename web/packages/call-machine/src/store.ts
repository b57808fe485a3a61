/**
 * What daily-js reads with `store.getState()` to find tracks, which cannot
 * travel in messages. Made anew on each look, so it is never behind the
 * messages that make the client look.
 */
import type { Call, CallState, Subscription } from "@parlor/browser";

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
      public: { id: state.local.id, subscribedTracks: subscribedTracks(state), customTracks: {} },
      streams: {
        cam: { stream: localStream(call, "cam-audio", "cam-video") },
        screen: { stream: localStream(call, "screen-audio", "screen-video") },
      },
    },
    participants: Object.fromEntries([...state.participants.keys()].map((id) => [id, participantEntry(id)])),
    streams: streams(call),
  };
}

function participantEntry(id: string): unknown {
  // Said to be peer-to-peer, the client would clear media until a state says connected.
  return { public: { id, rtcType: { impl: "sfu" } }, private: { peeringState: "connected" } };
}

function localStream(call: Call, ...sources: readonly (typeof SOURCES)[number][]): MediaStream {
  return new MediaStream(sources.flatMap((source) => call.trackOf("local", source) ?? []));
}

function streams(call: Call): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const id of call.state.participants.keys()) {
    for (const source of SOURCES) {
      const pendingTrack = call.trackOf(id, source);
      if (!pendingTrack) continue;
      const type = source.startsWith("cam-") ? "cam" : "screen";
      found[`${id}/${source}`] = { participantId: id, type, pendingTrack, starttime: EPOCH };
    }
  }
  return found;
}

/** There is one track of a kind for each person, so no start time need decide. */
const EPOCH = new Date(0);

function subscribedTracks({ subscriptions }: CallState): Record<string, unknown> {
  const each = Object.entries(subscriptions.byParticipant).map(([id, wanted]) => [id, perTrack(wanted)] as const);
  return { ...Object.fromEntries(each), ALL: typeof subscriptions.all === "object" ? false : subscriptions.all };
}

function perTrack(wanted: Subscription): Record<string, unknown> {
  return Object.fromEntries(SOURCES.map((source) => [source, typeof wanted === "object" ? (wanted[source] ?? false) : wanted]));
}
