import { expect, test } from "vitest";

import { deviceChoice, deviceWishes, screenStreamOn } from "../src/app-tracks.ts";
import { eventMessage, parseRequest, replyMessage } from "../src/message.ts";

/** As much of a track as can be told from outside. */
const TRACK = { kind: "audio", readyState: "live" };

test.each([
  ["an old client's cache", { audioDeviceId: TRACK }],
  ["0.66's instance", { audioDeviceId: TRACK }],
  ["0.76's instance", { audioTrack: TRACK }],
])("a track of the application's own is found on %s", (_name, shelf) => {
  expect(deviceChoice("daily-custom-track", "audio", [{}, shelf])).toEqual({ kind: "track", track: TRACK });
});

test("a placeholder without a track is no choice", () => {
  expect(deviceChoice("daily-custom-track", "video", [{}])).toBeUndefined();
});

test("the newest shelf wins", () => {
  const newer = { ...TRACK, id: "newer" };
  expect(deviceChoice("daily-custom-track", "audio", [{ audioTrack: newer }, { audioDeviceId: TRACK }])).toEqual({ kind: "track", track: newer });
});

test.each([
  ["before 0.76", {}, { videoDeviceId: "cam-1", audioDeviceId: "mic-1" }],
  ["from 0.76, in properties", { inputSettings: { video: { settings: { deviceId: "cam-1" } }, audio: { settings: { deviceId: "mic-1" } } } }, {}],
  ["from 0.76, in the cache", {}, { inputSettings: { video: { settings: { deviceId: "cam-1" } }, audio: { settings: { deviceId: "mic-1" } } } }],
])("chosen devices are read %s", (_name, properties, cache) => {
  expect(deviceWishes(properties, cache, []).capture).toMatchObject({
    camera: { kind: "device", deviceId: "cam-1" },
    mic: { kind: "device", deviceId: "mic-1" },
  });
});

test.each([
  [{ audioDeviceId: false }, false, true],
  [{ videoDeviceId: false }, true, false],
  [{ allowLocalAudio: false, allowLocalVideo: false }, false, false],
  [{}, true, true],
])("devices that the application does without: %o", (cache, allowAudio, allowVideo) => {
  expect(deviceWishes({}, cache, [])).toMatchObject({ allowAudio, allowVideo });
});

test.each([
  ["settings", { inputSettings: { video: { settings: { width: 640, deviceId: "c" } } } }, { width: 640 }],
  ["dailyConfig", { dailyConfig: { userMediaVideoConstraints: { height: 360 } } }, { height: 360 }],
])("constraints are read from %s", (_name, properties, expected) => {
  expect(deviceWishes(properties, {}, []).capture.videoConstraints).toEqual(expected);
});

test("a stream to share is found on whichever shelf has it", () => {
  const stream = { id: "s" };
  expect(screenStreamOn([{}, { screenMediaStream: stream }])).toBe(stream);
  expect(screenStreamOn([{}])).toBeUndefined();
});

test("a request of either version is understood, and answered in its own field", () => {
  const old = parseRequest({ what: "iframe-call-message", from: "module", callFrameId: "a", action: "app-msg", callbackStamp: "7", data: 1 });
  expect(old).toEqual({ request: { action: "app-msg", stamp: "7", fields: expect.objectContaining({ data: 1 }) }, address: { clientId: "a", idField: "callFrameId" } });
  if (!old) return;
  expect(replyMessage(old.address, old.request, { x: 1 })).toEqual({
    what: "iframe-call-message",
    from: "embedded",
    action: "app-msg",
    callFrameId: "a",
    callbackStamp: "7",
    x: 1,
  });
  const current = parseRequest({ what: "iframe-call-message", from: "module", callClientId: "b", action: "room" });
  expect(current?.address).toEqual({ clientId: "b", idField: "callClientId" });
});

test("before any request, both fields carry the id", () => {
  expect(eventMessage({ clientId: "a", idField: "both" }, "loaded")).toMatchObject({ callFrameId: "a", callClientId: "a" });
});

test.each([
  ["another page's", { what: "something" }],
  ["our own", { what: "iframe-call-message", from: "embedded", callClientId: "a", action: "loaded" }],
  ["one without an id", { what: "iframe-call-message", from: "module", action: "x" }],
  ["text", "hello"],
  ["nothing", null],
])("%s message is not a request", (_name, data) => {
  expect(parseRequest(data)).toBeNull();
});
