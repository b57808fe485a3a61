import type { CallError, CallState } from "@parlor/browser";

/** Why there is no call: one page each. */
export type EndingKind =
  | "no-room"
  | "private"
  | "declined"
  | "closed"
  | "full"
  | "early"
  | "removed"
  | "time-over"
  | "replaced"
  | "ended"
  | "left"
  | "offline"
  | "unreachable"
  | "too-old"
  | "trouble";

/** What the page that says so has to know. */
export interface Ending {
  readonly kind: EndingKind;
  /** When the door opens, unix milliseconds; with `early`. */
  readonly opensAt?: number;
  /** The server's own words, for the details that can be copied for support. */
  readonly info?: string;
  /** How long the call lasted, in milliseconds; once there was one. */
  readonly lasted?: number;
}

/** The page for a failure. `isOnline` is what the browser says of the network. */
export function endingOf(error: CallError, isOnline: boolean): Ending {
  const kind = kindOf(error, isOnline);
  const opensAt = error.opensAt === undefined ? {} : { opensAt: error.opensAt * 1000 };
  return { kind, info: error.info, ...opensAt };
}

function kindOf(error: CallError, isOnline: boolean): EndingKind {
  switch (error.reason) {
    case "no-room":
      return "no-room";
    case "not-allowed":
      return "private";
    case "exp-room":
    case "exp-token":
      return "closed";
    case "nbf-room":
    case "nbf-token":
      return "early";
    case "meeting-full":
      return "full";
    case "connection-error":
      return isOnline ? "unreachable" : "offline";
    case "removed":
      return removalKind(error.removal);
  }
}

function removalKind(removal: CallError["removal"]): EndingKind {
  switch (removal) {
    case "time_limit":
      return "time-over";
    case "replaced":
      return "replaced";
    case "room_ended":
      return "ended";
    case "protocol_error":
    case "disconnected":
      return "trouble";
    case "ejected":
    case "hidden":
    case "left":
    case undefined:
      return "removed";
  }
}

/** Whether this browser can hold a call at all. */
export function isBrowserAble(scope: { RTCPeerConnection?: unknown; WebSocket?: unknown }): boolean {
  return typeof scope.RTCPeerConnection === "function" && typeof scope.WebSocket === "function";
}

/** How long one was in the call, or nothing if one never was. */
export function lastedSince(joinedAt: number | null, now: number): { lasted?: number } {
  return joinedAt === null ? {} : { lasted: Math.max(0, now - joinedAt) };
}

/** Whether the network is away while the call goes on. */
export function isReconnecting(state: CallState): boolean {
  return state.phase === "joined" && (state.network.signalling === "interrupted" || state.network.media === "interrupted");
}
