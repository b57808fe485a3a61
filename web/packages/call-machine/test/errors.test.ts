import { expect, test } from "vitest";

import type { CallError, CaptureFailureReason } from "@parlor/browser";

import { cameraErrorFields, errorFields } from "../src/errors.ts";

const URL = "http://parlor.test/den";

const ERRORS: readonly (readonly [Partial<CallError>, string, string])[] = [
  [{ reason: "no-room" }, "no-room", "The meeting you're trying to join does not exist."],
  [{ reason: "not-allowed" }, "not-allowed", "You are not allowed to join this meeting"],
  [{ reason: "meeting-full" }, "meeting-full", "Meeting is full"],
  [{ reason: "nbf-room" }, "nbf-room", "as the server said"],
  [{ reason: "exp-room" }, "exp-room", "as the server said"],
  [{ reason: "nbf-token" }, "nbf-token", "as the server said"],
  [{ reason: "exp-token" }, "exp-token", "as the server said"],
  [{ reason: "removed", removal: "time_limit" }, "ejected", "Meeting has ended"],
  [{ reason: "removed", removal: "room_ended" }, "ejected", "Meeting has ended"],
  [{ reason: "removed", removal: "replaced" }, "ejected", "Meeting has ended"],
];

test.each(ERRORS)("%o", (error, type, text) => {
  const fields = errorFields({ reason: "no-room", info: "as the server said", during: "join", ...error }, URL);
  expect(fields).toEqual({ errorMsg: text, error: { type, msg: text } });
});

test.each([
  ["room-lookup", "room-lookup"],
  ["join", "join"],
  ["reconnect", "reconnect"],
  ["rtc-connection", "rtc-connection"],
] as const)("details of a connection error during %s are a JSON text", (during, on) => {
  const { error } = errorFields({ reason: "connection-error", info: "gone", during }, URL) as { error: { type: string; details: unknown } };
  expect(error.type).toBe("connection-error");
  expect(typeof error.details).toBe("string");
  expect(JSON.parse(String(error.details))).toEqual({ on, sourceError: { msg: "gone" }, uri: URL });
});

test("a room address that is not absolute is an error that no client stumbles over", () => {
  const fields = errorFields({ reason: "no-room", info: "", during: "room-lookup" }, "/relative");
  expect(fields).toMatchObject({ errorMsg: "'/relative' is not the address of a room.", error: { type: "not-allowed" } });
});

function failure(reason: CaptureFailureReason): { reason: CaptureFailureReason; info: string } {
  return { reason, info: "because" };
}

const BOTH: readonly (readonly [CaptureFailureReason, object])[] = [
  ["permission-user", { type: "permissions", blockedBy: "user", blockedMedia: ["video", "audio"] }],
  ["permission-browser", { type: "permissions", blockedBy: "browser", blockedMedia: ["video", "audio"] }],
  ["missing", { type: "not-found", missingMedia: ["video", "audio"] }],
  ["in-use", { type: "cam-mic-in-use" }],
  ["constraints", { type: "constraints", reason: "invalid", failedMedia: ["video", "audio"] }],
  ["unsupported", { type: "undefined-mediadevices" }],
  ["unknown", { type: "unknown" }],
];

test.each(BOTH)("camera error when both devices fail with %s", (reason, expected) => {
  const fields = cameraErrorFields({ failed: { "cam-video": failure(reason), "cam-audio": failure(reason) } });
  expect(fields).toEqual({ errorMsg: { errorMsg: "because", audioOk: false, videoOk: false }, error: { msg: "because", ...expected } });
});

test.each([
  ["cam-video", "in-use", { type: "cam-in-use" }, { audioOk: true, videoOk: false }],
  ["cam-audio", "in-use", { type: "mic-in-use" }, { audioOk: false, videoOk: true }],
  ["cam-audio", "missing", { type: "not-found", missingMedia: ["audio"] }, { audioOk: false, videoOk: true }],
] as const)("camera error when only %s fails with %s", (source, reason, expected, ok) => {
  const fields = cameraErrorFields({ failed: { [source]: failure(reason) } });
  expect(fields).toMatchObject({ errorMsg: ok, error: expected });
});

test("devices that fail for different reasons are told of by the camera's", () => {
  const fields = cameraErrorFields({ failed: { "cam-video": failure("missing"), "cam-audio": failure("in-use") } });
  expect(fields).toMatchObject({ errorMsg: { audioOk: false, videoOk: false }, error: { type: "not-found", missingMedia: ["video"] } });
});
