/**
 * Everything the engine remembers: the public state and, beside it, what is
 * under way. All of it is immutable; `reduce` (reduce.ts) makes the next one.
 */
import type {
  ClientMessage,
  IceServer,
  NetworkQuality,
  ParticipantId,
  ParticipantView,
  Permissions,
  SlotTrack,
  SubscriptionWish,
  TrackSource,
  TrackState,
  VideoDelivery,
  VideoWish,
} from "@parlor/protocol";

import { SOURCES, type CustomSource, type MainSource } from "./source.ts";
import type { CallState, CaptureFailure, Device, Participant, Subscriptions, Tracks } from "./state.ts";

/** What somebody wants to join, with the address already taken apart. */
export interface Intent {
  /** The server's origin, without a slash at the end. */
  readonly server: string;
  readonly room: string;
  readonly token?: string;
  readonly userName?: string;
  readonly userData?: unknown;
  readonly startVideoOff?: boolean;
  readonly startAudioOff?: boolean;
  /** `check`: only to try the way there, with the server's echo. */
  readonly purpose?: "call" | "check";
}

/** How far the way to the room is. Numbers tell a late answer from a current one. */
export type Link =
  | { readonly step: "none" }
  | { readonly step: "lookup"; readonly purpose: "pre-auth" | "join" | "rejoin"; readonly request: number }
  | { readonly step: "entering"; readonly callUrl: string; readonly ticket: string; readonly socket: number; readonly isOpen: boolean; readonly isRejoin: boolean }
  | { readonly step: "in"; readonly callUrl: string; readonly socket: number; readonly secret: string }
  | { readonly step: "lost"; readonly callUrl: string; readonly secret: string; readonly attempt: number }
  | { readonly step: "resuming"; readonly callUrl: string; readonly socket: number; readonly secret: string; readonly attempt: number };

/** One of our own tracks: what is wanted of it, and what there is. */
export interface LocalTrack {
  readonly wanted: boolean;
  /** Who switched it last. */
  readonly by: "default" | "user" | "remote-request";
  readonly capture:
    | { readonly step: "none" }
    | { readonly step: "starting"; readonly capture: number }
    | { readonly step: "live"; readonly trackId: string; readonly device: Device | null }
    | { readonly step: "failed"; readonly failure: CaptureFailure };
}

/** A receive-only transceiver. */
export interface Slot {
  readonly mid: string;
  readonly trackId: string | null;
  /** Whose track it carries. */
  readonly track: SlotTrack | null;
  /** `waiting`: no packet yet. `muted`: none for a moment. `interrupted`: none for longer. */
  readonly media: "waiting" | "live" | "muted" | "interrupted";
}

/** The one peer connection. */
export interface Peer {
  readonly id: number;
  readonly slotsWanted: { readonly audio: number; readonly video: number };
  /** `offering`: making an offer; `answering`: the room's turn; `pausing`: it rejected one, which is made anew soon. */
  readonly negotiation: "idle" | "offering" | "answering" | "pausing";
  /** What to negotiate once the running negotiation is through. */
  readonly next: "none" | "offer" | "restart";
  /** What the newest offer is for. */
  readonly offered: "offer" | "restart";
  /** Offers that the room rejected since its last answer. */
  readonly rejections: number;
  /** An offer made before the socket was open. */
  readonly heldOffer: ClientMessage | null;
  readonly transport: "connecting" | "connected" | "interrupted";
  /** ICE restarts since media last flowed. */
  readonly restarts: number;
  /** Sources that have a transceiver. */
  readonly senders: readonly TrackSource[];
  /** Which track each sender carries. */
  readonly attached: Readonly<Partial<Record<TrackSource, string | null>>>;
}

/** How large the videos of others are wanted: by participant and source, else `base`. */
export interface VideoWishes {
  readonly base: VideoWish | null;
  readonly byParticipant: Readonly<Record<ParticipantId, VideoWishesOf>>;
}

/** The wishes for one participant's videos. */
export type VideoWishesOf = Readonly<Partial<Record<TrackSource, VideoWish>>>;

/** Which tracks are wanted, in the room's words. */
export interface SubscriptionWishes {
  readonly base: SubscriptionWish;
  readonly byParticipant: Readonly<Record<ParticipantId, SubscriptionWish>>;
}

/**
 * What the room was told of our wishes, so that it is told changes only.
 * `null`: it rejected something of it, so all of it has to be told again.
 */
export interface Told {
  readonly subscriptions: SubscriptionWishes | null;
  /** Of what that was made; while it is the same, there is nothing to say. */
  readonly madeOf: { readonly wanted: Subscriptions; readonly others: ReadonlyMap<ParticipantId, ParticipantView> } | null;
  readonly wishes: VideoWishes | null;
  readonly quality: NetworkQuality | null;
  readonly isRecording: boolean | null;
  /** Pauses for rejections since the room last took everything. */
  readonly pauses: number;
}

/** Everything. */
export interface Engine {
  readonly call: CallState;
  readonly intent: Intent | null;
  readonly link: Link;
  readonly peer: Peer | null;
  readonly media: Readonly<Record<MainSource, LocalTrack>>;
  /** The application's own tracks. */
  readonly custom: ReadonlyMap<CustomSource, LocalTrack>;
  /** Whether devices may run: after `start-camera` or `join`. */
  readonly isCapturing: boolean;
  /** What the room told about oneself. */
  readonly self: ParticipantView | null;
  /** What the room told about the others. */
  readonly others: ReadonlyMap<ParticipantId, ParticipantView>;
  readonly slots: ReadonlyMap<string, Slot>;
  /** What the room was last told about our tracks. */
  readonly published: Readonly<Partial<Record<TrackSource, TrackState>>>;
  /** What the room sends of others' videos, where that is not what was wished. */
  readonly deliveries: ReadonlyMap<string, VideoDelivery>;
  readonly wishes: VideoWishes;
  /** `gathering`: further wishes are told together, soon; `pausing`: the room rejected some, which are told again later. */
  readonly telling: "free" | "gathering" | "pausing";
  readonly isRecording: boolean;
  readonly told: Told;
  /** As the server named them for this stay. */
  readonly iceServers: readonly IceServer[];
  /** Names an earlier stay to the server, so that a rejoin may continue it. */
  readonly pass: string | null;
  /** Kept while the socket is lost, for the next one. */
  readonly outbox: readonly ClientMessage[];
  /** Pings since anything was heard. */
  readonly unansweredPings: number;
  /** Next number for a request, socket, peer or capture. */
  readonly nextId: number;
}

const OFF = { state: "off", off: "user", trackId: null } as const;
const ALL_OFF: Tracks = { "cam-audio": OFF, "cam-video": OFF, "screen-audio": OFF, "screen-video": OFF };

const PLAIN_PERMISSIONS: Permissions = {
  hasPresence: true,
  canSend: true,
  canReceive: { base: true },
  canAdmin: false,
};

/** Oneself before joining. */
export const NOBODY: Participant = {
  id: "",
  userId: "",
  userName: "",
  userData: undefined,
  isOwner: false,
  joinedAt: null,
  ejectAt: null,
  permissions: PLAIN_PERMISSIONS,
  tracks: ALL_OFF,
  custom: {},
  isRecording: false,
  network: "unknown",
};

const NO_WISHES: VideoWishes = { base: null, byParticipant: {} };

/** What a room assumes of somebody who just came. */
export const NOTHING_TOLD: Told = {
  subscriptions: { base: { tracks: {}, others: "full" }, byParticipant: {} },
  madeOf: null,
  wishes: NO_WISHES,
  quality: "unknown",
  isRecording: false,
  pauses: 0,
};

const NO_DEVICES = { available: [], camera: null, mic: null, speaker: null };

/** Before anything happened. Camera and microphone are on unless somebody says otherwise. */
export function initialEngine(): Engine {
  const cam: LocalTrack = { wanted: true, by: "default", capture: { step: "none" } };
  const screen: LocalTrack = { wanted: false, by: "default", capture: { step: "none" } };
  return {
    call: {
      phase: "idle",
      access: "unknown",
      lobby: null,
      waiting: new Map(),
      room: null,
      effective: null,
      meeting: null,
      sessionData: {},
      local: NOBODY,
      participants: new Map(),
      hidden: 0,
      activeSpeaker: null,
      devices: NO_DEVICES,
      network: { signalling: "idle", media: "idle", quality: "unknown" },
      cpuLoad: "low",
      cpuLoadReason: "none",
      subscriptions: { all: true, byParticipant: {} },
      error: null,
    },
    intent: null,
    link: { step: "none" },
    peer: null,
    media: { "cam-audio": cam, "cam-video": cam, "screen-audio": screen, "screen-video": screen },
    custom: new Map(),
    isCapturing: false,
    self: null,
    others: new Map(),
    slots: new Map(),
    published: {},
    deliveries: new Map(),
    wishes: NO_WISHES,
    telling: "free",
    isRecording: false,
    told: NOTHING_TOLD,
    iceServers: [],
    pass: null,
    outbox: [],
    unansweredPings: 0,
    nextId: 1,
  };
}

/** Our tracks' sources: the main ones, and the custom ones there are. */
export function sourcesOf(engine: Engine): readonly TrackSource[] {
  return engine.custom.size === 0 ? SOURCES : [...SOURCES, ...engine.custom.keys()];
}

/** One of our tracks; a custom one that there is not is off. */
export function localTrackOf({ media, custom }: Engine, source: TrackSource): LocalTrack {
  return source in media ? media[source as MainSource] : (custom.get(source as CustomSource) ?? NO_TRACK);
}

const NO_TRACK: LocalTrack = { wanted: false, by: "user", capture: { step: "none" } };

/** Whether one is in the call itself, and not in its lobby. */
export function isInRoom({ self, call }: Engine): boolean {
  return self !== null && call.lobby === null;
}

/** The name of somebody's track, as a key. */
export function trackKey({ participant, source }: SlotTrack): string {
  return `${participant} ${source}`;
}
