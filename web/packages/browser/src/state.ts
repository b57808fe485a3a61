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
  /** A piece of the local recording; the file is all of them, in order. */
  | { readonly type: "recording-data"; readonly data: Blob; readonly isLast: boolean }
  /** The local recording ended by a fault. */
  | { readonly type: "recording-failed"; readonly info: string };
