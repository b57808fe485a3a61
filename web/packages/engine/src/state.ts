/**
 * The call as everybody may see it: a plain, immutable value. The engine makes
 * a new one for each change; the two users, call machine and call page, render
 * it and compare it with the one before. Tracks appear as ids only; the shell
 * (`@parlor/browser`) hands out the real ones.
 */
import type {
  EffectiveSettings,
  JoinRoom,
  LeaveReason,
  MeetingId,
  NetworkQuality,
  ParticipantId,
  Permissions,
  RefusalReason,
  TrackSource,
} from "@parlor/protocol";

import type { CamSource, MainSource, MediaKindName } from "./source.ts";

/**
 * Where the call is. `waiting`: in the lobby, where `join` has resolved too.
 * `left` and `failed` may join again.
 */
export type Phase = "idle" | "joining" | "waiting" | "joined" | "left" | "failed";

/** Why a track is off. `bandwidth`: the way down does not carry it at the moment. */
export type OffReason = "user" | "remote-request" | "permission" | "bandwidth";

/** Why a device cannot be used. `unknown`: it failed without saying why. */
export type BlockedReason = "missing" | "in-use" | "permission" | "unknown";

/** A track's condition, as daily-js words it, and the id of its media if any. */
export interface TrackView {
  /**
   * `off`: not sent. `blocked`: the device cannot be used. `sendable`: sent,
   * but not wanted here. `loading`: waiting for the first media.
   * `interrupted`: no media at the moment. `playable`: live.
   */
  readonly state: "off" | "blocked" | "sendable" | "loading" | "interrupted" | "playable";
  /** With `off`. */
  readonly off?: OffReason;
  /** With `blocked`. */
  readonly blocked?: BlockedReason;
  /** Id of the `MediaStreamTrack`, when there is one. It changes with the device. */
  readonly trackId: string | null;
}

/** The four tracks that everybody has; each key is always present. */
export type Tracks = Readonly<Record<MainSource, TrackView>>;

/** A track that an application sends besides those four. */
export interface CustomTrackView extends TrackView {
  readonly kind: MediaKindName;
}

/** Custom tracks by tag. */
export type CustomTracks = Readonly<Record<string, CustomTrackView>>;

/** Somebody in the call. */
export interface Participant {
  /** The session id. */
  readonly id: ParticipantId;
  /** The token's `user_id`, else the session id. */
  readonly userId: string;
  /** May be empty. */
  readonly userName: string;
  /** What the application attached; `undefined` when unset. */
  readonly userData: unknown;
  readonly isOwner: boolean;
  /** Unix milliseconds, server clock. `null` only for oneself before joining. */
  readonly joinedAt: number | null;
  /** Unix milliseconds; `null` for never. */
  readonly ejectAt: number | null;
  readonly permissions: Permissions;
  readonly tracks: Tracks;
  readonly custom: CustomTracks;
  /** Whether they record the call on their own computer. */
  readonly isRecording: boolean;
  /** How well their connection does, as they measure it. */
  readonly network: NetworkQuality;
}

/** What the browser says about a device, as plain data. */
export interface Device {
  readonly deviceId: string;
  readonly groupId: string;
  readonly kind: "audioinput" | "audiooutput" | "videoinput";
  /** Empty before the first permission. */
  readonly label: string;
}

/** Devices there are, and those in use. */
export interface Devices {
  readonly available: readonly Device[];
  /** `null`: none in use, or a track that the application brought. */
  readonly camera: Device | null;
  readonly mic: Device | null;
  /** `null`: the browser's default. */
  readonly speaker: Device | null;
}

/** How well the connection does. */
export interface Network {
  /** The call socket. */
  readonly signalling: "idle" | "connected" | "interrupted";
  /** The media transport. */
  readonly media: "idle" | "connecting" | "connected" | "interrupted";
  /** From loss and delay. `unknown` until something was measured. */
  readonly quality: NetworkQuality;
}

/** Why the computer does not keep up. */
export type LoadReason = "encode" | "decode" | "none";

/** The lobby, as one who waits in it knows it. */
export interface Lobby {
  /** Whether somebody who could open the door is in the call. */
  readonly isHostPresent: boolean;
  /** When access was asked for, by the own clock; `null`: not yet. */
  readonly askedAt: number | null;
}

/** Somebody who asks to be let in. */
export interface Waiting {
  readonly id: ParticipantId;
  readonly name: string;
  /** Unix milliseconds, server clock. */
  readonly since: number;
}

/** What ended the call, or kept it from beginning. */
export interface CallError {
  /** `removed`: by the room's decision, see `removal`. Else as the server said. */
  readonly reason: RefusalReason | "removed";
  /** For people, in English; UIs word it by `reason`. */
  readonly info: string;
  /** What was going on. */
  readonly during: "room-lookup" | "join" | "reconnect" | "rtc-connection" | "call";
  /** With `removed`. */
  readonly removal?: LeaveReason;
  /** With `nbf-room` and `nbf-token`: when the door opens, unix seconds. */
  readonly opensAt?: number;
}

/** Whose tracks are wanted, by track. */
export type SubscriptionValue = boolean | "staged";

/** What is wanted of one participant: one word for all tracks, or by track; `others`, or else nothing, holds for tracks not named. */
export type Subscription = SubscriptionValue | Readonly<Partial<Record<TrackSource | "others", SubscriptionValue>>>;

/** Wanted tracks: `all` holds for whoever is not named. */
export interface Subscriptions {
  readonly all: Subscription;
  readonly byParticipant: Readonly<Record<ParticipantId, Subscription>>;
}

/** The whole call. */
export interface CallState {
  readonly phase: Phase;
  /** What one may do at the door: `unknown` before the server was asked, `none` once it refused. */
  readonly access: "unknown" | "none" | "lobby" | "full";
  /** While in the lobby. */
  readonly lobby: Lobby | null;
  /** Who knocks, for those who may open. */
  readonly waiting: ReadonlyMap<ParticipantId, Waiting>;
  /** Known after `preAuth` or once joining. */
  readonly room: JoinRoom | null;
  /** Known after `preAuth` or once joining. */
  readonly effective: EffectiveSettings | null;
  /** Known once joined. */
  readonly meeting: MeetingId | null;
  /** Oneself. `id` is empty before joining. */
  readonly local: Participant;
  /** The others, in order of joining. */
  readonly participants: ReadonlyMap<ParticipantId, Participant>;
  /** The meeting's session data, the same for everybody; `{}` before anybody set any. */
  readonly sessionData: Readonly<Record<string, unknown>>;
  /** How many others are in the room without presence. */
  readonly hidden: number;
  readonly activeSpeaker: ParticipantId | null;
  readonly devices: Devices;
  readonly network: Network;
  /** `high`: the processor makes us send less than the network would carry. */
  readonly cpuLoad: "low" | "high";
  /** What makes the load high; `none` while it is low. */
  readonly cpuLoadReason: LoadReason;
  readonly subscriptions: Subscriptions;
  /** With `failed`. */
  readonly error: CallError | null;
}

/** Things that happen once and leave no trace in the state. */
export type CallEvent =
  | { readonly type: "app-message"; readonly from: ParticipantId; readonly data: unknown }
  | { readonly type: "camera-error"; readonly error: CameraError }
  | { readonly type: "camera-started" }
  | { readonly type: "participant-left"; readonly participant: Participant; readonly reason: LeaveReason }
  | { readonly type: "screen-share-started" }
  | { readonly type: "screen-share-stopped" }
  | { readonly type: "screen-share-failed"; readonly reason: "canceled" | "permission" | "unknown"; readonly info: string }
  | { readonly type: "device-lost"; readonly source: CamSource; readonly label: string }
  /** An admin switched one of our tracks, or asks for it; what was asked is done already. */
  | { readonly type: "media-requested"; readonly source: TrackSource; readonly isOn: boolean; readonly by: ParticipantId }
  /** The lobby's door opened, or stays shut; or the room did not take the knock, and one may knock again. */
  | { readonly type: "knock-answered"; readonly granted: boolean }
  | { readonly type: "rejected"; readonly message: string; readonly info: string };

/** Why camera or microphone did not start. The call goes on without. */
export interface CameraError {
  /** By device; a device that was not asked for or works is absent. */
  readonly failed: Readonly<Partial<Record<CamSource, CaptureFailure>>>;
}

/** Why one device did not start. */
export interface CaptureFailure {
  readonly reason: CaptureFailureReason;
  /** The browser's own words. */
  readonly info: string;
}

/**
 * `permission-user`: the person said no (or the site is denied);
 * `permission-browser`: the system or a policy keeps the browser out;
 * `constraints`: no device fits what the application asked for;
 * `unsupported`: no media devices here at all (insecure page).
 */
export type CaptureFailureReason =
  | "permission-user"
  | "permission-browser"
  | "missing"
  | "in-use"
  | "constraints"
  | "unsupported"
  | "unknown";
