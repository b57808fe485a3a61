import type { TrackSource } from "@parlor/engine";
import { expect, test } from "vitest";

import { withParameters } from "../src/answer.ts";
import { configurationOf } from "../src/ice.ts";
import { fitted, hintOf, planOf, sentRids, type SendSettings } from "../src/send-settings.ts";

const ANSWER = [
  "v=0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=mid:0",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98",
  "a=mid:1",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96",
  "a=rtpmap:98 H264/90000",
  "a=fmtp:98 packetization-mode=1",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111",
  "a=mid:2",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "",
].join("\r\n");

function changed(sources: Readonly<Record<string, TrackSource>>, hasFec = true, isMusic = false): string[] {
  const sentOn = (mid: string) => (sources[mid] === undefined ? undefined : { source: sources[mid], isMusic });
  const after = withParameters(ANSWER, sentOn, { hasFec }).split("\r\n");
  return after.filter((line) => !ANSWER.split("\r\n").includes(line));
}

test("each picture format of an answer gets a start bitrate, and nothing else changes", () => {
  expect(changed({ "1": "cam-video" })).toEqual(["a=fmtp:96 x-google-start-bitrate=800", "a=fmtp:98 packetization-mode=1;x-google-start-bitrate=800"]);
  expect(withParameters(ANSWER, () => undefined, { hasFec: true })).toBe(ANSWER);
});

test.each<["h264" | "av1", string]>([
  ["h264", "98 96 97"],
  ["av1", "96 97 98"],
])("%s comes first in the answer, where the room takes it", (codec, expected) => {
  const sentOn = (mid: string) => (mid === "1" ? ({ source: "cam-video", isMusic: false, codec } as const) : undefined);
  expect(withParameters(ANSWER, sentOn, { hasFec: true })).toContain(`m=video 9 UDP/TLS/RTP/SAVPF ${expected}\r\n`);
});

test("a voice pauses, music does not and is stereo; what comes in is left alone", () => {
  expect(changed({ "0": "cam-audio" })).toEqual(["a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1"]);
  expect(changed({ "0": "cam-audio" }, false)).toEqual(["a=fmtp:111 minptime=10;useinbandfec=0;usedtx=1"]);
  expect(changed({ "0": "screen-audio" }, true, true)).toEqual(["a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=128000"]);
});

function sent(source: TrackSource, settings: SendSettings): string[] {
  return planOf(source, settings).encodings.flatMap(({ rid, isActive, maxBitrate }) => (isActive ? [`${rid} ${maxBitrate}`] : []));
}

test.each<[string, TrackSource, SendSettings, string[]]>([
  ["a camera, as we choose", "cam-video", {}, ["q 150000", "h 500000", "f 1500000"]],
  ["a camera by preset", "cam-video", { video: "bandwidth-optimized" }, ["q 80000", "h 250000"]],
  ["a camera with two adaptive layers", "cam-video", { video: "adaptive-2-layers" }, ["h 400000", "f 1500000"]],
  ["a camera up to a quality", "cam-video", { video: { maxQuality: "medium" } }, ["q 150000", "h 500000"]],
  ["a camera with encodings of one's own", "cam-video", { video: { encodings: { low: { maxBitrate: 50_000 } } } }, ["q 50000"]],
  ["a preset that nobody knows", "cam-video", { video: "finest" as "default-video" }, ["q 150000", "h 500000", "f 1500000"]],
  ["a screen, as we choose", "screen-video", {}, ["h 500000", "f 2500000"]],
  ["a screen for text", "screen-video", { screenVideo: "detail-optimized" }, ["f 2500000"]],
  ["a custom track by its tag", "custom-video:board", { board: { maxQuality: "low" }, customVideoDefaults: "quality-optimized" }, ["q 150000"]],
  ["a custom track by the default of all", "custom-video:other", { customVideoDefaults: { maxQuality: "low" } }, ["q 150000"]],
])("%s", (_, source, settings, expected) => {
  expect(sent(source, settings)).toEqual(expected);
});

test.each<[string, TrackSource, number, number, string[]]>([
  ["a large camera", "cam-video", 1280, 720, ["q 4", "h 2", "f 1"]],
  ["a small camera", "cam-video", 640, 480, ["q 2", "h 1"]],
  ["a tiny camera", "cam-video", 320, 240, ["q 1"]],
  ["a screen", "screen-video", 1920, 1080, ["h 2", "f 1"]],
  ["a small window", "screen-video", 600, 400, ["h 2", "f 1"]],
  ["a tiny window", "screen-video", 300, 200, ["h 1"]],
])("%s is sent in as many sizes as browsers send of it, the whole one among them", (_, source, width, height, expected) => {
  const { encodings } = fitted(planOf(source, {}), { width, height });
  expect(encodings.flatMap(({ rid, isActive, scaleResolutionDownBy }) => (isActive ? [`${rid} ${scaleResolutionDownBy}`] : []))).toEqual(expected);
});

function sentOf(settings: SendSettings, received: readonly string[]): string[] {
  return [...sentRids(planOf("cam-video", settings), received, false)];
}

test("unless the room adapts, the smallest size stands by, and settings may want all", () => {
  expect(sentOf({}, ["f"])).toEqual(["q", "f"]);
  expect(sentOf({}, [])).toEqual([]);
  expect(sentOf({ video: "adaptive-3-layers" }, ["f"])).toEqual(["f"]);
  expect(sentOf({ video: { allowAdaptiveLayers: false } }, ["f"])).toEqual(["q", "h", "f"]);
});

test.each<[string, readonly string[], SendSettings, string[]]>([
  ["what is received", ["h", "f"], {}, ["h", "f"]],
  ["nothing, when nobody receives any", [], {}, []],
  ["the next smaller one for what is left out", ["f"], { video: { maxQuality: "medium" } }, ["h"]],
  ["the smallest there is for what is smaller still", ["q"], { video: "adaptive-2-layers" }, ["h"]],
])("of a camera is sent: %s", (_, received, settings, expected) => {
  expect([...sentRids(planOf("cam-video", settings), received, true)]).toEqual(expected);
});

test("only some settings say whether layers rest", () => {
  expect(planOf("cam-video", {}).isAdaptive).toBeNull();
  expect(planOf("cam-video", { video: "adaptive-3-layers" }).isAdaptive).toBe(true);
  expect(planOf("cam-video", { video: { allowAdaptiveLayers: false } }).isAdaptive).toBe(false);
});

test("a screen is text unless said otherwise", () => {
  expect(hintOf({})).toBe("detail");
  expect(hintOf({ screenVideo: "motion-optimized" })).toBe("motion");
});

test("the application's ICE servers go before, behind or instead of the server's", () => {
  const own = [{ urls: ["turn:a"], username: "u", credential: "c" }];
  const given = [{ urls: "stun:b" }];
  const urls = (placement?: "front" | "back" | "replace") => configurationOf(own, { iceServers: given, ...(placement ? { placement } : {}) }).iceServers?.map((each) => [each.urls].flat()[0]);
  expect([urls(), urls("back"), urls("replace")]).toEqual([["stun:b", "turn:a"], ["turn:a", "stun:b"], ["stun:b"]]);
  expect(configurationOf(own, { iceTransportPolicy: "relay" }).iceTransportPolicy).toBe("relay");
});

test("a custom track whose tag is a word of the settings has the defaults", () => {
  const settings: SendSettings = { video: "bandwidth-optimized", screenVideo: "detail-optimized", customVideoDefaults: "quality-optimized", board: "adaptive-2-layers" };
  const defaults = planOf("custom-video:other", settings);
  for (const tag of ["video", "screenVideo", "customVideoDefaults", "constructor", "__proto__"]) {
    expect(planOf(`custom-video:${tag}`, settings), tag).toEqual(defaults);
  }
  expect(planOf("custom-video:board", settings)).not.toEqual(defaults);
});

test("a preset that there is not is the default", () => {
  const settings = { video: "constructor", screenVideo: "constructor" } as unknown as SendSettings;
  expect(planOf("cam-video", settings)).toEqual(planOf("cam-video", {}));
  expect(hintOf(settings)).toBe("detail");
});
