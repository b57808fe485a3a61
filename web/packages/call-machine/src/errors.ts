/** Errors in daily-js's words. Existing applications match on these texts. */
import type { CallError, CameraError, CaptureFailure, CaptureFailureReason } from "@parlor/browser";

import type { Fields } from "./message.ts";

const DETAIL_ON = {
  "room-lookup": "room-lookup",
  join: "join",
  reconnect: "reconnect",
  "rtc-connection": "rtc-connection",
  call: "reconnect",
} as const;

/**
 * Types that clients from 0.56 report on. For that they parse the room URL, and
 * throw if it is not absolute, so that `join()` would never settle.
 */
const REPORTED_TYPES: ReadonlySet<string> = new Set(["connection-error", "no-room"]);

/** The fields of an `error` message. */
export function errorFields(error: CallError, url: string | undefined): Fields {
  const type = typeOf(error);
  if (REPORTED_TYPES.has(type) && url !== undefined && !URL.canParse(url)) {
    const errorMsg = `'${url}' is not the address of a room.`;
    return { errorMsg, error: { type: "not-allowed", msg: errorMsg } };
  }
  const errorMsg = textOf(error, type);
  // Clients from 0.59 to 0.90 parse the details without looking: they must be a JSON string.
  const details =
    type === "connection-error"
      ? { details: JSON.stringify({ on: DETAIL_ON[error.during], sourceError: { msg: error.info }, ...(url === undefined ? {} : { uri: url }) }) }
      : {};
  return { errorMsg, error: { type, msg: errorMsg, ...details } };
}

function typeOf(error: CallError): string {
  if (error.reason !== "removed") return error.reason;
  return error.removal === "protocol_error" ? "connection-error" : "ejected";
}

/** What the room says to whom an admin did not let in: existing applications match on it too. */
const KNOCK_REFUSED = "Join request rejected";

function textOf(error: CallError, type: string): string {
  switch (type) {
    case "no-room":
      return "The meeting you're trying to join does not exist.";
    case "not-allowed":
      return error.info === KNOCK_REFUSED ? error.info : "You are not allowed to join this meeting";
    case "meeting-full":
      return "Meeting is full";
    case "ejected":
      return "Meeting has ended";
    default:
      return error.info;
  }
}

type CamSource = "cam-audio" | "cam-video";

const MEDIA = { "cam-audio": "audio", "cam-video": "video" } as const;

/** The fields of a `camera-error` message. */
export function cameraErrorFields({ failed }: CameraError): Fields {
  const sources = (["cam-video", "cam-audio"] as const).filter((source) => failed[source] !== undefined);
  const [first] = sources;
  const failure: CaptureFailure = (first && failed[first]) ?? { reason: "unknown", info: "unknown" };
  // Two devices that fail for different reasons are told of by the first one's.
  const alike = sources.filter((source) => kindOf(failed[source]?.reason) === kindOf(failure.reason));
  const error = { msg: failure.info, ...typed(failure, alike) };
  return {
    errorMsg: { errorMsg: failure.info, audioOk: failed["cam-audio"] === undefined, videoOk: failed["cam-video"] === undefined },
    error,
  };
}

/** Both kinds of "no" are one type of error. */
function kindOf(reason: CaptureFailureReason | undefined): string | undefined {
  return reason?.startsWith("permission-") ? "permission" : reason;
}

function typed({ reason }: CaptureFailure, sources: readonly CamSource[]): Fields {
  // Consumers index these lists without looking.
  const media = sources.map((source) => MEDIA[source]);
  switch (reason) {
    case "permission-user":
    case "permission-browser":
      return { type: "permissions", blockedBy: reason === "permission-user" ? "user" : "browser", blockedMedia: media };
    case "missing":
      return { type: "not-found", missingMedia: media };
    case "in-use":
      return { type: sources.length === 2 ? "cam-mic-in-use" : sources[0] === "cam-audio" ? "mic-in-use" : "cam-in-use" };
    case "constraints":
      return { type: "constraints", reason: "invalid", failedMedia: media };
    case "unsupported":
      return { type: "undefined-mediadevices" };
    case "unknown":
      return { type: "unknown" };
    default:
      return reason satisfies never;
  }
}
