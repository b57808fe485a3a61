/** What the engine takes: wishes of the user, and facts from the browser. */
import type { JoinAnswer, MergeStrategy, ParticipantChange, ParticipantId, Recipients, SendTransceiver, ServerMessage, TrackSource } from "@parlor/protocol";

import type { Intent, VideoWishes } from "./engine.ts";
import type { CamSource, CustomSource } from "./source.ts";
import type { CallError, CaptureFailure, Device, LoadReason, Network, Subscription } from "./state.ts";

/** A timer's name; starting one that runs starts it anew. */
export type TimerName = "join" | "ping" | "retry" | "reconnect" | "ice" | "offer" | "publish" | "wishes" | `mute:${string}`;

/** The timer that watches a muted slot. */
export function muteTimer(mid: string): TimerName {
  return `mute:${mid}`;
}

/** What came of capturing one source. */
export type CaptureResult =
  | { readonly trackId: string; readonly device: Device | null }
  | { readonly failure: CaptureFailure };

/** A wish of the user. */
export type Command =
  | { readonly type: "pre-auth"; readonly intent: Intent }
  | { readonly type: "join"; readonly intent: Intent }
  /** The shell found the wish impossible, for example by a URL that is none. */
  | { readonly type: "give-up"; readonly error: CallError }
  | { readonly type: "start-camera" }
  | { readonly type: "leave" }
  | { readonly type: "set-wanted"; readonly source: CamSource; readonly wanted: boolean; readonly by: "user" | "remote-request" }
  | { readonly type: "recapture"; readonly sources: readonly CamSource[] }
  | { readonly type: "set-speaker"; readonly deviceId: string }
  | { readonly type: "start-screen" }
  | { readonly type: "stop-screen" }
  /** Sends the parts of a running share, or only keeps them. Missing: as it is. */
  | { readonly type: "update-screen"; readonly video?: boolean; readonly audio?: boolean }
  /** The shell holds the track already. */
  | { readonly type: "start-custom"; readonly source: CustomSource; readonly trackId: string }
  | { readonly type: "stop-custom"; readonly source: CustomSource }
  /** `now`: by the own clock. */
  | { readonly type: "request-access"; readonly name: string; readonly now: number }
  | { readonly type: "answer-knocks"; readonly everybody: boolean | null; readonly participants: Readonly<Record<ParticipantId, boolean>> }
  | { readonly type: "update-participants"; readonly everybody: ParticipantChange | null; readonly participants: Readonly<Record<ParticipantId, ParticipantChange>> }
  | { readonly type: "set-video-wishes"; readonly wishes: VideoWishes }
  | { readonly type: "set-recording"; readonly isRecording: boolean }
  /** Media needs new ways through the network: other ICE servers, or another network. */
  | { readonly type: "restart-media" }
  | { readonly type: "send-app-message"; readonly to: Recipients; readonly data: unknown }
  /** `keysToDelete` go in the same step; they count in a merge only. */
  | { readonly type: "set-session-data"; readonly strategy: MergeStrategy; readonly data: Readonly<Record<string, unknown>>; readonly keysToDelete: readonly string[] }
  | { readonly type: "set-user-name"; readonly name: string }
  | { readonly type: "set-user-data"; readonly data: unknown }
  | { readonly type: "subscribe-to-all"; readonly subscription: Subscription }
  | { readonly type: "subscribe-to"; readonly participant: string; readonly subscription: Subscription | null };

/** Something that happened. */
export type Fact =
  | { readonly type: "join-answered"; readonly request: number; readonly answer: JoinAnswer }
  | { readonly type: "join-refused"; readonly request: number; readonly error: Pick<CallError, "reason" | "info" | "opensAt"> }
  /** The server could not be reached, or answered nonsense. */
  | { readonly type: "join-failed"; readonly request: number; readonly info: string }
  | { readonly type: "socket-opened"; readonly socket: number }
  | { readonly type: "socket-message"; readonly socket: number; readonly message: ServerMessage }
  | { readonly type: "socket-closed"; readonly socket: number }
  /** There is a network again, or another one. */
  | { readonly type: "network-changed" }
  | { readonly type: "offer-created"; readonly peer: number; readonly sdp: string; readonly sends: readonly SendTransceiver[]; readonly slots: readonly { readonly mid: string; readonly trackId: string }[] }
  | { readonly type: "negotiation-failed"; readonly peer: number; readonly info: string }
  | { readonly type: "peer-state"; readonly peer: number; readonly state: "connecting" | "connected" | "disconnected" | "failed" }
  | { readonly type: "slot-muted"; readonly peer: number; readonly mid: string }
  | { readonly type: "slot-unmuted"; readonly peer: number; readonly mid: string }
  | { readonly type: "captured"; readonly capture: number; readonly results: Readonly<Partial<Record<TrackSource, CaptureResult>>> }
  | { readonly type: "screen-refused"; readonly capture: number; readonly reason: "canceled" | "permission" | "unknown"; readonly info: string }
  | { readonly type: "capture-ended"; readonly source: TrackSource; readonly trackId: string }
  | { readonly type: "devices-listed"; readonly devices: readonly Device[] }
  | { readonly type: "quality-measured"; readonly quality: Network["quality"] }
  | { readonly type: "load-measured"; readonly load: "low" | "high"; readonly reason: LoadReason }
  | { readonly type: "timer-fired"; readonly timer: TimerName };

/** Anything the engine takes. */
export type EngineEvent = Command | Fact;
