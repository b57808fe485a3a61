/**
 * What a user of the call sees: state to render, events, and things to do.
 * `createCall` (create-call.ts) makes one. Every promise settles; failures of
 * the call itself also appear in `state.error`.
 */
import type { CallError, CallState, Device, PermissionChange, Subscription, TrackSource, VideoWish, VideoWishesOf } from "@parlor/engine";
import type { CallLogLevel, MergeStrategy } from "@parlor/protocol";

import type { ActOutcome } from "./act.ts";
import type { CheckKind, CheckOptions, CheckResult, QualityCheckOptions, QualityCheckOutcome } from "./checks.ts";
import type { CodecPreferences } from "./codec.ts";
import type { CpuFigures } from "./cpu-figures.ts";
import type { NetworkStats } from "./figures.ts";
import type { LocalRecordingOptions } from "./local-recording.ts";
import type { AudioProcessor, VideoProcessor } from "./processors.ts";
import type { SendSettings } from "./send-settings.ts";
import type { CallEvent } from "./state.ts";

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
  /** Formats that are preferred over the room's order; for the whole call. */
  readonly codecs?: CodecPreferences;
}

/** The ways through the network, when they are not the server's to say. */
export interface IceConfig {
  readonly iceServers?: readonly RTCIceServer[];
  /** Before, behind or instead of the server's own. */
  readonly placement?: "front" | "back" | "replace";
  readonly iceTransportPolicy?: RTCIceTransportPolicy;
}

/** Which track, and under which name. */
export interface CustomTrackOptions {
  readonly track: MediaStreamTrack;
  /** At most 50 bytes of UTF-8. Without one, one is made up. */
  readonly tag?: string;
  /** Sound that is no voice: sent as it is, in stereo. */
  readonly isMusic?: boolean;
}

/** What an admin changes of somebody else. Missing keys leave things as they are. */
export interface ParticipantWish {
  readonly audio?: boolean;
  readonly video?: boolean;
  readonly screenShare?: false;
  readonly eject?: true;
  readonly permissions?: PermissionChange;
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
  /** Joins. Resolves with phase `joined`, or `waiting` in the lobby; rejects with `CallFailure` (refused, failed, or left meanwhile). */
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
  /** Keeps parts of a running share back, or sends them again. */
  updateScreenShare(options: { readonly video?: boolean; readonly audio?: boolean }): void;
  /** Sends a track of the application's own. Resolves with its tag; rejects with an `Error` where that may not or cannot be. */
  startCustomTrack(options: CustomTrackOptions): Promise<string>;
  /** Sends it no longer. */
  stopCustomTrack(tag: string): void;
  /** How videos are sent; keys that are not given stay. Resolves with all of them, once they act. */
  setSendSettings(settings: SendSettings): Promise<SendSettings>;
  /** Whether it is as wished then; `false` where this browser or camera cannot. Lasts for further cameras of the call. */
  setVideoProcessor(processor: VideoProcessor): Promise<boolean>;
  setAudioProcessor(processor: AudioProcessor): Promise<boolean>;

  /** Knocks, from the lobby. Resolves when decided; `false` also after a refusal or a leave, and where there is no lobby. */
  requestAccess(name?: string): Promise<boolean>;
  /** Lets somebody in who waits, or turns them away; `"*"`: all. */
  answerKnock(id: string, letIn: boolean): void;
  /** Changes somebody else; `"*"`: everybody else. What may not be done is told by the event `rejected`. */
  updateParticipant(id: string, change: ParticipantWish): void;
  /** Changes several at once; `"*"` holds for those who are not named. */
  updateParticipants(changes: Readonly<Record<string, ParticipantWish>>): void;
  /** Recordings, streams, transcriptions: `start-recording` and the like. Never rejects. */
  act(operation: string, body?: unknown): Promise<ActOutcome>;

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
  /** How large videos are wanted: all wishes anew; only differences travel, a moment later. */
  setVideoWishes(base: VideoWish | null, byParticipant: Readonly<Record<string, VideoWishesOf>>): void;

  /** Camera and microphone, for a preview. One object for the whole call; its tracks change. */
  readonly localStream: MediaStream;
  /** The media of anybody's track; the local participant's id or `"local"` for one's own. */
  trackOf(participantId: string, source: TrackSource): MediaStreamTrack | undefined;
  /** Own loudness, 0…1, now. Starts listening on first use. */
  localAudioLevel(): number;
  /** Loudness of the others, 0…1, by session id. */
  remoteAudioLevels(): Promise<Record<string, number>>;
  /** The newest figures (taken every two seconds), and those of the whole call. `null` without a connection. */
  networkStats(): Promise<NetworkStats | null>;
  /** What encoding and decoding pictures costs, of the last two seconds. `null` without a connection. */
  cpuFigures(): CpuFigures | null;
  /** Other ways through the network; a running call changes over to them. */
  setIceConfig(config: IceConfig): void;
  /** Whatever goes to the server goes to this address instead; `null`: no longer. For calls from then on. */
  setProxyUrl(url: string | null): void;
  /** Records all that is seen and heard, in this browser. Chunks come as event `recording-data`, with the number that this gives. Rejects where the browser cannot, or a recording runs. */
  startLocalRecording(options?: LocalRecordingOptions): Promise<number>;
  stopLocalRecording(): void;

  /** Whether the call socket gets through. */
  checkWebsocket(options?: CheckOptions): Promise<CheckResult>;
  /** Whether media gets through. */
  checkNetwork(options?: CheckOptions): Promise<CheckResult>;
  /** How good a call would be: sends to the server and back for a while. */
  checkCallQuality(options?: QualityCheckOptions): Promise<QualityCheckOutcome>;
  /** Ends checks that run: of one kind, or all. */
  abortChecks(kind?: CheckKind): void;
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
