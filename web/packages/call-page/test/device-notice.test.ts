import type { CaptureFailureReason } from "@parlor/engine";
import { expect, it, test } from "vitest";

import { browserFamily, noticeFor, type DeviceScene } from "../src/prejoin/device-notice.ts";

const scene = (more: Partial<DeviceScene> = {}): DeviceScene => ({ failed: {}, camera: "playable", mic: "playable", isDone: false, ...more });
const failure = (reason: CaptureFailureReason) => ({ reason, info: "" });

it("shows no card while all is well, or switched off", () => {
  expect(noticeFor(scene())).toBeNull();
  expect(noticeFor(scene({ camera: "off", mic: "off" }))).toBeNull();
});

it("says what the browser is asking for", () => {
  expect(noticeFor(scene({ camera: "interrupted", mic: "interrupted" }))).toEqual({ kind: "asking" });
  expect(noticeFor(scene({ camera: "off", mic: "interrupted" }))).toEqual({ kind: "asking" });
});

test.each([
  ["permission-user", { kind: "denied", what: "both" }],
  ["permission-browser", { kind: "system" }],
  ["missing", { kind: "missing", what: "both" }],
  ["in-use", { kind: "in-use", what: "camera" }],
  ["unsupported", { kind: "insecure" }],
  ["constraints", { kind: "failed", what: "camera" }],
  ["unknown", { kind: "failed", what: "camera" }],
] as const)("words %s", (reason, notice) => {
  const failed = { "cam-video": failure(reason), "cam-audio": failure(reason) };
  expect(noticeFor(scene({ failed, camera: "blocked", mic: "blocked" }))).toEqual(notice);
});

it("names the one device that failed", () => {
  expect(noticeFor(scene({ failed: { "cam-audio": failure("missing") }, mic: "blocked" }))).toEqual({ kind: "missing", what: "mic" });
  expect(noticeFor(scene({ failed: { "cam-video": failure("permission-user") }, camera: "blocked" }))).toEqual({ kind: "denied", what: "camera" });
});

it("is gone once the person goes on without", () => {
  expect(noticeFor(scene({ failed: { "cam-video": failure("missing") }, isDone: true }))).toBeNull();
});

it("tells browsers apart for the steps", () => {
  expect(browserFamily("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36")).toBe("chromium");
  expect(browserFamily("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("firefox");
  expect(browserFamily("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15")).toBe("safari");
});
