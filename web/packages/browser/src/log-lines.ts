/**
 * What is worth a line in the call's log: for the people who run the app, to
 * see afterwards what happened in somebody's browser. No names, no device
 * labels, no content.
 */
import { SOURCES, type CallState, type CaptureFailure } from "@parlor/engine";
import type { CallLogEntry, CallLogLevel } from "@parlor/protocol";

import type { CallEvent } from "./state.ts";

/** A line before it is written down. */
export type Line = Omit<CallLogEntry, "time">;

/** The levels by name. */
export const LEVEL = { error: 0, info: 1, debug: 2 } as const satisfies Record<string, CallLogLevel>;

/** The kinds of lines. Numbers stay with their meaning; daily-js's own are from 1000 to 9999. */
const CODE = {
  joining: 101,
  joined: 102,
  left: 103,
  failed: 104,
  waiting: 105,
  signalling: 201,
  media: 202,
  quality: 203,
  load: 204,
  track: 301,
  deviceFailed: 302,
  deviceLost: 303,
  screen: 304,
  requested: 305,
  recording: 306,
  rejected: 401,
  knock: 402,
} as const;

/** The lines of one change of the call. */
export function linesOf(before: CallState, after: CallState): Line[] {
  return [...phaseLines(before, after), ...networkLines(before, after), ...trackLines(before, after)];
}

function phaseLines(before: CallState, after: CallState): Line[] {
  if (before.phase === after.phase) return [];
  switch (after.phase) {
    case "joining":
      return [{ level: LEVEL.debug, code: CODE.joining, message: "joining" }];
    case "waiting":
      return [{ level: LEVEL.info, code: CODE.waiting, message: "waiting in the lobby" }];
    case "joined":
      return [{ level: LEVEL.info, code: CODE.joined, message: "joined" }];
    case "left":
      return before.phase !== "idle" && before.phase !== "failed" ? [{ level: LEVEL.info, code: CODE.left, message: "left" }] : [];
    case "failed":
      return [failure(after)];
    case "idle":
      return [];
    default:
      return after.phase satisfies never;
  }
}

/** A room that closes, or a host who removes somebody, is no trouble. */
function failure({ error }: CallState): Line {
  if (error?.reason === "removed" && error.removal !== "protocol_error") {
    return { level: LEVEL.info, code: CODE.left, message: `removed: ${error.removal ?? "unknown"}` };
  }
  const text = error ? `${error.reason} during ${error.during}: ${error.info}` : "unknown";
  return { level: LEVEL.error, code: CODE.failed, message: `failed: ${text}` };
}

function networkLines(before: CallState, after: CallState): Line[] {
  const lines: Line[] = [];
  const { signalling, media, quality } = after.network;
  if (signalling !== before.network.signalling && signalling !== "idle") {
    lines.push({ level: signalling === "interrupted" ? LEVEL.error : LEVEL.info, code: CODE.signalling, message: `signalling ${signalling}` });
  }
  if (media !== before.network.media && media !== "idle") {
    lines.push({ level: media === "interrupted" ? LEVEL.error : LEVEL.info, code: CODE.media, message: `media ${media}` });
  }
  if (quality !== before.network.quality && quality !== "unknown") {
    lines.push({ level: LEVEL.info, code: CODE.quality, message: `network quality ${quality}` });
  }
  if (after.cpuLoad !== before.cpuLoad && after.phase === "joined") lines.push({ level: LEVEL.info, code: CODE.load, message: `cpu load ${after.cpuLoad}` });
  return lines;
}

function trackLines(before: CallState, after: CallState): Line[] {
  if (before.local.tracks === after.local.tracks) return [];
  return SOURCES.flatMap((source) => {
    const [was, is] = [before.local.tracks[source], after.local.tracks[source]];
    if (was.state === is.state && was.off === is.off) return [];
    const why = is.off ?? is.blocked;
    return [{ level: LEVEL.debug, code: CODE.track, message: `own ${source} ${is.state}${why === undefined ? "" : ` (${why})`}` }];
  });
}

/** The line of an event, if it deserves one. */
export function lineOf(event: CallEvent): Line | null {
  switch (event.type) {
    case "camera-error":
      return { level: LEVEL.error, code: CODE.deviceFailed, message: `devices failed: ${Object.entries(event.error.failed).map(described).join("; ")}` };
    case "device-lost":
      return { level: LEVEL.info, code: CODE.deviceLost, message: `device of ${event.source} lost` };
    case "screen-share-started":
      return { level: LEVEL.info, code: CODE.screen, message: "screen share started" };
    case "screen-share-stopped":
      return { level: LEVEL.info, code: CODE.screen, message: "screen share stopped" };
    case "screen-share-failed":
      return { level: event.reason === "canceled" ? LEVEL.info : LEVEL.error, code: CODE.screen, message: `screen share failed: ${event.reason}: ${event.info}` };
    case "rejected":
      return { level: LEVEL.error, code: CODE.rejected, message: `the room rejected ${event.message}: ${event.info}` };
    case "media-requested":
      return { level: LEVEL.info, code: CODE.requested, message: `${event.source} switched ${event.isOn ? "on" : "off"} by ${event.by}`, peer: event.by };
    case "knock-answered":
      return { level: LEVEL.info, code: CODE.knock, message: event.granted ? "let in" : "not let in" };
    case "recording-failed":
      return { level: LEVEL.error, code: CODE.recording, message: `local recording failed: ${event.info}` };
    case "recording-data":
    case "app-message":
    case "camera-started":
    case "participant-left":
      return null;
    default:
      return event satisfies never;
  }
}

function described([source, failure]: [string, CaptureFailure]): string {
  return `${source}: ${failure.reason}: ${failure.info}`;
}
