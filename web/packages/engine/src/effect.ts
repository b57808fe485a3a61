/** What the engine wants done. The shell does it and reports back by events. */
import type { ClientMessage, IceServer, JoinRequest, TrackSource } from "@parlor/protocol";

import type { TimerName } from "./event.ts";
import type { CamSource } from "./source.ts";
import type { CallEvent } from "./state.ts";

/** Something to do. */
export type Effect =
  | { readonly type: "request-join"; readonly request: number; readonly server: string; readonly body: JoinRequest }
  | { readonly type: "open-socket"; readonly socket: number; readonly server: string; readonly callUrl: string }
  | { readonly type: "close-socket"; readonly socket: number }
  | { readonly type: "send"; readonly socket: number; readonly message: ClientMessage }
  /** With one transceiver for each of `senders`, and that many slots. */
  | { readonly type: "create-peer"; readonly peer: number; readonly senders: readonly TrackSource[]; readonly audioSlots: number; readonly videoSlots: number; readonly iceServers: readonly IceServer[] }
  | { readonly type: "close-peer"; readonly peer: number }
  | { readonly type: "add-sender"; readonly peer: number; readonly source: TrackSource }
  /** The sender carries another source from now on. */
  | { readonly type: "rename-sender"; readonly peer: number; readonly from: TrackSource; readonly to: TrackSource }
  /** Up to so many slots in all. */
  | { readonly type: "add-slots"; readonly peer: number; readonly audio: number; readonly video: number }
  | { readonly type: "create-offer"; readonly peer: number; readonly restartIce: boolean }
  | { readonly type: "apply-answer"; readonly peer: number; readonly sdp: string }
  /** The source's present track, or none, becomes what its sender carries. */
  | { readonly type: "attach"; readonly peer: number; readonly source: TrackSource; readonly trackId: string | null }
  /** The encodings that somebody receives; the others may rest. */
  | { readonly type: "set-layers"; readonly peer: number; readonly source: TrackSource; readonly rids: readonly string[] }
  | { readonly type: "capture"; readonly capture: number; readonly sources: readonly CamSource[] }
  | { readonly type: "capture-screen"; readonly capture: number }
  /** The chosen device is gone: take the browser's default from now on. */
  | { readonly type: "forget-device"; readonly source: CamSource }
  | { readonly type: "release"; readonly source: TrackSource }
  | { readonly type: "enable"; readonly source: TrackSource; readonly on: boolean }
  | { readonly type: "start-timer"; readonly timer: TimerName; readonly ms: number }
  | { readonly type: "stop-timer"; readonly timer: TimerName }
  /** From now on, what is reported is about the stay that the pass names. */
  | { readonly type: "report-as"; readonly server: string; readonly pass: string; readonly isTerse: boolean }
  | { readonly type: "emit"; readonly event: CallEvent };

/** What `reduce` gives back. */
export interface Step<S> {
  readonly state: S;
  readonly effects: readonly Effect[];
}
