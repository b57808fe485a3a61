/**
 * What a user of the call sees: state to render, events, and things to do.
 * `createCall` (create-call.ts) makes one. Every promise settles; failures of
 * the call itself also appear in `state.error`.
 */
import type { CallError, CallEvent, CallState, Device, Subscription, TrackSource } from "@parlor/engine";
import type { CallLogLevel, MergeStrategy } from "@parlor/protocol";

/** Where a microphone or camera picture comes from. */
export type DeviceChoice =
  | { readonly kind: "default" }
  | { readonly kind: "device"; readonly deviceId: string }
  /** A track of the application's own. */
  | { readonly kind: "track"; readonly track: MediaStreamTrack };

/** What to capture, and how. Missing keys leave things as they are. */
export interface CaptureOptions {
  readonly camera?: DeviceChoice;
  readonly mic?: DeviceChoice;
  /** Replace our own constraints (1280×720, 30 frames/s; echo cancelling on). */
  readonly videoConstraints?: MediaTrackConstraints;
  readonly audioConstraints?: MediaTrackConstraints;
}

/** Which room, and as whom. */
export interface RoomOptions {
  /** The room's whole URL: its origin is the server, its last segment the room; `?t=` may carry a token. */
  readonly url: string;
  /** Wins over the URL's `t`. */
  readonly token?: string;
  /** The token's name wins. */
  readonly userName?: string;
}

/** How to join. */
export interface JoinOptions extends RoomOptions, CaptureOptions {
  readonly userData?: unknown;
  /** Wins over token and room. */
  readonly startVideoOff?: boolean;
  /** Wins over token and room. */
  readonly startAudioOff?: boolean;
}

/** Figures of the last seconds. `null`: not known. Loss is a fraction. */
export interface NetworkStats {
  readonly timestamp: number;
  readonly sendBps: number | null;
  readonly recvBps: number | null;
  readonly videoSendBps: number | null;
  readonly videoRecvBps: number | null;
  readonly audioSendBps: number | null;
  readonly audioRecvBps: number | null;
  readonly videoSendLoss: number | null;
  readonly videoRecvLoss: number | null;
  readonly audioSendLoss: number | null;
  readonly audioRecvLoss: number | null;
  readonly videoRecvJitter: number | null;
  readonly audioRecvJitter: number | null;
  readonly roundTripSecs: number | null;
  readonly availableSendBps: number | null;
}

/** A call, or the wish for one. */
export interface Call {
  /** The newest state. A new object after each change. */
  readonly state: CallState;
  /** Called after each change, with the new and the old state. Returns the way out. */
  subscribe(listener: (state: CallState, before: CallState) => void): () => void;
  /** Called for each one-off event; `state` is already the one that goes with it, and its listeners are called next. */
  onEvent(listener: (event: CallEvent) => void): () => void;

  /** Asks the server whether one may join; fills `state.room` and `state.effective`. Rejects with `CallFailure`. */
  preAuth(options: RoomOptions): Promise<void>;
  /** Starts microphone and camera (those not switched off) before or without joining. Never rejects: see `camera-error`. */
  startCamera(options?: CaptureOptions): Promise<void>;
  /** Joins. Resolves with phase `joined`; rejects with `CallFailure` (refused, failed, or left meanwhile). */
  join(options: JoinOptions): Promise<void>;
  /** Leaves and gives devices back. Also ends a call that is still joining, or just a preview. */
  leave(): void;
  /** Leaves, and lets go of everything for good. */
  dispose(): void;

  /** Mutes or unmutes; starts the microphone if need be. */
  setLocalAudio(on: boolean): void;
  /** Switches the camera off (its light goes out) or on. */
  setLocalVideo(on: boolean): void;
  /** Chooses devices. Resolves when they run (or failed: see `camera-error`). */
  setDevices(options: CaptureOptions): Promise<void>;
  /** Only remembered and shown: playing is the application's. */
  setSpeaker(deviceId: string): void;
  /** The next camera; `null` if there is only one. */
  cycleCamera(): Promise<Device | null>;
  /** The next microphone; `null` if there is only one. */
  cycleMic(): Promise<Device | null>;
  /** Looks again; the result is also in `state.devices.available`. */
  enumerateDevices(): Promise<readonly Device[]>;
  /** Shares a screen; the browser asks which. `stream`: one the application brought. */
  startScreenShare(options?: { readonly display?: DisplayMediaStreamOptions; readonly stream?: MediaStream }): void;
  stopScreenShare(): void;

  /** To all (`"*"`) or some participants; never comes back to oneself. */
  sendAppMessage(data: unknown, to?: "*" | readonly string[]): void;
  /** Changes the meeting's session data; what it becomes is in `state.sessionData` once the room has it. */
  setSessionData(data: Readonly<Record<string, unknown>>, strategy: MergeStrategy, keysToDelete?: readonly string[]): void;
  setUserName(name: string): void;
  setUserData(data: unknown): void;
  /** Whose tracks are wanted by default. */
  subscribeToAll(subscription: Subscription): void;
  /** What is wanted of one participant; `null`: the default again. */
  subscribeTo(participantId: string, subscription: Subscription | null): void;

  /** Camera and microphone, for a preview. One object for the whole call; its tracks change. */
  readonly localStream: MediaStream;
  /** The media of anybody's track; the local participant's id or `"local"` for one's own. */
  trackOf(participantId: string, source: TrackSource): MediaStreamTrack | undefined;
  /** Own loudness, 0…1, now. Starts listening on first use. */
  localAudioLevel(): number;
  /** Loudness of the others, 0…1, by session id. */
  remoteAudioLevels(): Promise<Record<string, number>>;
  /** Measures since the last time it was asked. `null` without a connection. */
  networkStats(): Promise<NetworkStats | null>;
  /** Adds a line to what is reported to the server about this call. Never a token, a name or a message. */
  log(level: CallLogLevel, message: string, code?: number): void;
}

/** What `join` and `preAuth` reject with. */
export class CallFailure extends Error {
  override readonly name = "CallFailure";
  /** `null`: the call was left before it was joined. */
  readonly error: CallError | null;

  constructor(error: CallError | null) {
    super(error?.info ?? "The call was left before it was joined.");
    this.error = error;
  }
}
