/**
 * Receive settings: which layer of whose video is wanted at most. The client
 * keeps a map of its own shape; the call wants wishes by participant.
 */
import type { TrackSource, VideoWish } from "@parlor/protocol";

import { isRecord, recordOf } from "./message.ts";

/** What is set for one participant, or for everybody who has nothing set. */
export type ParticipantSettings = Readonly<Record<string, { readonly layer: number }>>;

/** By session id; `base` holds for what is not set. */
export type ReceiveSettings = Readonly<Record<string, ParticipantSettings>>;

/** The highest layer that publishers send. */
const TOP_LAYER = 2;

/** Nothing is limited. */
export const DEFAULT_RECEIVE: ReceiveSettings = { base: { video: { layer: TOP_LAYER }, screenVideo: { layer: TOP_LAYER } } };

/**
 * Takes an update: by id, `base`, or `*` for all who have something set or are
 * in the call. `"inherit"`, whole or for one track, is as `base` again.
 */
export function mergeReceive(settings: ReceiveSettings, update: unknown, present: Iterable<string>): ReceiveSettings {
  const { "*": everybody, ...named } = recordOf(update);
  const next = new Map(Object.entries(settings));
  if (everybody !== undefined) {
    for (const id of new Set([...present, ...next.keys()])) if (id !== "base") mergeOne(next, id, everybody);
  }
  for (const [id, value] of Object.entries(named)) mergeOne(next, id, value);
  return Object.fromEntries(next);
}

function mergeOne(all: Map<string, ParticipantSettings>, id: string, update: unknown): void {
  const inherited = id === "base" ? DEFAULT_RECEIVE["base"] : {};
  const own = new Map(Object.entries(update === "inherit" ? { ...inherited } : { ...all.get(id) }));
  for (const [key, value] of Object.entries(recordOf(update))) {
    const layer = layerIn(value);
    if (layer === "inherit") own.delete(key);
    else if (layer !== undefined) own.set(key, { layer });
  }
  const merged = { ...inherited, ...Object.fromEntries(own) };
  if (Object.keys(merged).length === 0) all.delete(id);
  else all.set(id, merged);
}

function layerIn(value: unknown): number | "inherit" | undefined {
  if (value === "inherit") return value;
  const layer = isRecord(value) ? value["layer"] : undefined;
  if (layer === "inherit") return layer;
  return typeof layer === "number" && Number.isInteger(layer) && layer >= 0 ? layer : undefined;
}

/** What the client is told of one participant: what is set, or what applies. */
export function receiveOf(settings: ReceiveSettings, id: string, showsInherited: boolean): ParticipantSettings {
  const own = settings[id] ?? {};
  return showsInherited ? { ...settings["base"], ...own } : own;
}

/** The wishes that follow from the settings: what holds for all, and where somebody's differ. */
export interface Wishes {
  readonly base: VideoWish | null;
  readonly byParticipant: Readonly<Record<string, Partial<Record<TrackSource, VideoWish>>>>;
}

/** Wishes for the participants who are in the call. */
export function wishesOf(settings: ReceiveSettings, present: Iterable<string>): Wishes {
  const base = settings["base"]?.["video"]?.layer ?? TOP_LAYER;
  const byParticipant: [string, Partial<Record<TrackSource, VideoWish>>][] = [];
  for (const id of present) {
    const applies = Object.entries(receiveOf(settings, id, true));
    const differs = applies.filter(([, { layer }]) => capped(layer) !== capped(base));
    if (differs.length > 0) byParticipant.push([id, Object.fromEntries(differs.map(([key, { layer }]) => [sourceOf(key), wish(layer)]))]);
  }
  return { base: base >= TOP_LAYER ? null : wish(base), byParticipant: Object.fromEntries(byParticipant) };
}

/** Under other names than these two, applications set custom tracks. */
function sourceOf(key: string): TrackSource {
  if (key === "video") return "cam-video";
  return key === "screenVideo" ? "screen-video" : `custom-video:${key}`;
}

function capped(layer: number): number {
  return Math.min(layer, TOP_LAYER);
}

function wish(layer: number): VideoWish {
  return { max_layer: capped(layer), width: null, is_paused: false, priority: "normal" };
}
