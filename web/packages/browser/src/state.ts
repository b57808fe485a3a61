/** The engine's words that users of a call meet. */
export type {
  BlockedReason,
  CallError,
  CustomTracks,
  CustomTrackView,
  CallState,
  CameraError,
  CaptureFailure,
  CaptureFailureReason,
  Device,
  Devices,
  EffectiveSettings,
  IceServer,
  JoinRoom,
  LoadReason,
  Lobby,
  MainSource,
  Network,
  NetworkQuality,
  OffReason,
  Participant,
  ParticipantId,
  PermissionChange,
  Permissions,
  Phase,
  Subscription,
  Subscriptions,
  SubscriptionValue,
  TrackSource,
  Tracks,
  TrackView,
  VideoPriority,
  VideoWish,
  VideoWishesOf,
  Waiting,
} from "@parlor/engine";
import type { CallEvent as EngineEvent } from "@parlor/engine";

/** Things that happen once and leave no trace in the state. */
export type CallEvent =
  | EngineEvent
  /**
   * A piece of a local recording, by the number that its start gave; the file
   * is all of them, in order. The last one follows a stop, and so may come
   * when the call is over, or the next recording runs.
   */
  | { readonly type: "recording-data"; readonly recording: number; readonly data: Blob; readonly isLast: boolean }
  /** A local recording ended by a fault. */
  | { readonly type: "recording-failed"; readonly recording: number; readonly info: string };
