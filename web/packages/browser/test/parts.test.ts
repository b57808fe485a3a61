import { expect, test } from "vitest";

import { captureFailure, isDismissed } from "../src/capture-error.ts";
import { CpuLoad } from "../src/cpu-load.ts";
import { nextDevice } from "../src/devices.ts";
import { parseRoomAddress } from "../src/room-address.ts";
import { socketUrl } from "../src/signalling.ts";
import { compareCounters, qualityOf, readCounters, StatsSampler } from "../src/stats.ts";

test.each([
  ["http://localhost:8080/den", { server: "http://localhost:8080", room: "den", token: null }],
  ["https://calls.test/den/?t=abc&x=1", { server: "https://calls.test", room: "den", token: "abc" }],
  ["https://org.calls.test/calls.test/den", { server: "https://org.calls.test", room: "den", token: null }],
  ["https://calls.test/a%20b", { server: "https://calls.test", room: "a b", token: null }],
  ["https://calls.test/100%", { server: "https://calls.test", room: "100%", token: null }],
  ["https://calls.test/", null],
  ["/relative", null],
  ["not a url", null],
  ["ftp://calls.test/den", null],
  ["", null],
])("room address %s", (url, expected) => {
  expect(parseRoomAddress(url)).toEqual(expected);
});

test.each([
  ["http://localhost:8080", "/_parlor/call", "ws://localhost:8080/_parlor/call"],
  ["https://calls.test", "/_parlor/call?n=1", "wss://calls.test/_parlor/call?n=1"],
  ["https://calls.test", "https://node-2.calls.test/_parlor/call", "wss://node-2.calls.test/_parlor/call"],
  ["https://calls.test", "wss://node-2.calls.test/_parlor/call", "wss://node-2.calls.test/_parlor/call"],
])("call socket of %s at %s", (server, callUrl, expected) => {
  expect(socketUrl(server, callUrl)).toBe(expected);
});

test.each([
  ["NotAllowedError", "Permission denied", "permission-user"],
  ["NotAllowedError", "Permission denied by system", "permission-browser"],
  ["NotFoundError", "Requested device not found", "missing"],
  ["NotReadableError", "Could not start video source", "in-use"],
  ["AbortError", "Starting videoinput failed", "in-use"],
  ["SecurityError", "", "permission-browser"],
  ["OverconstrainedError", "", "constraints"],
  ["SomethingNew", "", "unknown"],
])("%s (%s) is %s", (name, message, reason) => {
  expect(captureFailure({ name, message }).reason).toBe(reason);
});

test("a chosen device that is not there is missing", () => {
  expect(captureFailure({ name: "OverconstrainedError", message: "", constraint: "deviceId" })).toEqual({ reason: "missing", info: "deviceId" });
});

test("only a prompt that was closed is dismissed", () => {
  expect(isDismissed({ name: "NotAllowedError", message: "Permission dismissed" })).toBe(true);
  expect(isDismissed({ name: "NotAllowedError", message: "Permission denied" })).toBe(false);
});

const CAMERAS = ["a", "b"].map((deviceId) => ({ deviceId, groupId: "", kind: "videoinput" as const, label: deviceId }));

test.each([
  ["a", "b"],
  ["b", "a"],
  ["gone", "a"],
])("the camera after %s is %s", (present, next) => {
  const device = { deviceId: present, groupId: "", kind: "videoinput" as const, label: "" };
  expect(nextDevice(CAMERAS, "videoinput", device)?.deviceId).toBe(next);
});

test("a single camera has no next one", () => {
  expect(nextDevice(CAMERAS.slice(0, 1), "videoinput", CAMERAS[0] ?? null)).toBeNull();
});

function report(timestamp: number, bytes: number, packets: number, lost: number): Parameters<typeof readCounters>[0] {
  return [
    { type: "candidate-pair", timestamp, nominated: true, currentRoundTripTime: 0.05, availableOutgoingBitrate: 900_000 },
    { type: "inbound-rtp", kind: "video", timestamp, bytesReceived: bytes, packetsReceived: packets, packetsLost: lost, jitter: 0.01 },
    { type: "outbound-rtp", kind: "audio", timestamp, bytesSent: bytes, packetsSent: packets },
    { type: "remote-inbound-rtp", kind: "audio", timestamp, packetsLost: lost },
  ];
}

test("figures are the difference of two looks", () => {
  const stats = compareCounters(readCounters(report(1_000, 0, 0, 0)), readCounters(report(3_000, 250_000, 90, 10)));
  expect(stats).toMatchObject({
    videoRecvBps: 1_000_000,
    audioSendBps: 1_000_000,
    videoRecvLoss: 0.1,
    audioSendLoss: 10 / 90,
    videoSendLoss: null,
    roundTripSecs: 0.05,
    availableSendBps: 900_000,
    videoRecvJitter: 0.01,
  });
});

test("one look gives no figures", () => {
  const sampler = new StatsSampler();
  expect(sampler.take(report(1_000, 0, 0, 0))).toBeNull();
  expect(sampler.take(report(2_000, 1, 1, 0))).not.toBeNull();
  sampler.reset();
  expect(sampler.latest).toBeNull();
});

test.each([
  [0, "good"],
  [4, "weak"],
  [20, "poor"],
])("%i lost of a hundred is %s", (lost, quality) => {
  const stats = compareCounters(readCounters(report(1_000, 0, 0, 0)), readCounters(report(3_000, 1, 100 - lost, lost)));
  expect(qualityOf(stats)).toBe(quality);
});

test("the load is high once three looks in a row say that the processor limits, and low again likewise", () => {
  const load = new CpuLoad();
  const look = (qualityLimitationReason: string): string => load.take([{ type: "outbound-rtp", kind: "video", qualityLimitationReason }]).load;
  expect(["cpu", "cpu", "none", "cpu", "cpu", "cpu"].map(look)).toEqual(["low", "low", "low", "low", "low", "high"]);
  expect(["none", "bandwidth", "none"].map(look)).toEqual(["high", "high", "low"]);
});
