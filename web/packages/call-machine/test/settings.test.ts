import { expect, test } from "vitest";

import { chooseLanguage } from "../src/language.ts";
import { permissionChange } from "../src/permission-change.ts";
import { DEFAULT_RECEIVE, mergeReceive, receiveOf, wishesOf } from "../src/receive-settings.ts";
import { legacyVideoSettings, sendSettingsOf } from "../src/send-settings.ts";
import { ClientSettings } from "../src/settings.ts";
import { subscription } from "../src/subscription.ts";
import { reasonsOf, statsFields } from "../src/translate/stats.ts";

const low = { video: { layer: 0 } };

test("what is set for one participant is kept apart from what it inherits", () => {
  const settings = mergeReceive(DEFAULT_RECEIVE, { bo: low }, ["bo"]);
  expect(receiveOf(settings, "bo", false)).toEqual(low);
  expect(receiveOf(settings, "bo", true)).toEqual({ video: { layer: 0 }, screenVideo: { layer: 2 } });
  expect(receiveOf(settings, "cy", false)).toEqual({});
});

test.each([["inherit"], [{ video: "inherit" }], [{ video: { layer: "inherit" } }]])("%j takes it away again", (update) => {
  const settings = mergeReceive(DEFAULT_RECEIVE, { bo: low }, ["bo"]);
  expect(mergeReceive(settings, { bo: update }, ["bo"])).toEqual(DEFAULT_RECEIVE);
});

test("* is for all who are there or have something set, but not for base", () => {
  const settings = mergeReceive(DEFAULT_RECEIVE, { gone: { video: { layer: 1 } } }, []);
  const all = mergeReceive(settings, { "*": low, cy: { video: { layer: 2 } } }, ["bo", "cy"]);
  expect(all).toEqual({ ...DEFAULT_RECEIVE, gone: low, bo: low, cy: { video: { layer: 2 } } });
  expect(mergeReceive(all, { "*": "inherit" }, ["bo", "cy"])).toEqual(DEFAULT_RECEIVE);
});

test("base may be changed in part, and be as it was", () => {
  const settings = mergeReceive(DEFAULT_RECEIVE, { base: low }, []);
  expect(settings).toEqual({ base: { video: { layer: 0 }, screenVideo: { layer: 2 } } });
  expect(mergeReceive(settings, { base: "inherit" }, [])).toEqual(DEFAULT_RECEIVE);
});

test("nonsense changes nothing", () => {
  expect(mergeReceive(DEFAULT_RECEIVE, { bo: { video: { layer: -1 } }, cy: 7, base: { video: { layer: 1.5 } } }, [])).toEqual(DEFAULT_RECEIVE);
  expect(mergeReceive(DEFAULT_RECEIVE, "nonsense", [])).toEqual(DEFAULT_RECEIVE);
});

test("settings become wishes: the base for all, and where somebody's differ", () => {
  expect(wishesOf(DEFAULT_RECEIVE, ["bo"])).toEqual({ base: null, byParticipant: {} });
  const settings = mergeReceive(DEFAULT_RECEIVE, { base: low, cy: { video: { layer: 1 }, film: { layer: 0 } } }, []);
  const { base, byParticipant } = wishesOf(settings, ["bo", "cy"]);
  expect(base).toMatchObject({ max_layer: 0 });
  expect(byParticipant).toMatchObject({ bo: { "screen-video": { max_layer: 2 } }, cy: { "cam-video": { max_layer: 1 }, "screen-video": { max_layer: 2 } } });
  // What is as the base says need not be said again.
  expect(byParticipant["bo"]).not.toHaveProperty("cam-video");
  expect(byParticipant["cy"]).not.toHaveProperty("custom-video:film");
});

test.each([
  [["de"], [], { lang: "de", langSetting: "de" }],
  [["user"], ["pt-BR", "en"], { lang: "pt-BR", langSetting: "user" }],
  [["user"], ["ja-JP"], { lang: "jp", langSetting: "user" }],
  [["user"], ["nb-NO"], { lang: "no", langSetting: "user" }],
  [["user"], ["xx", "de-AT"], { lang: "de", langSetting: "user" }],
  [["user"], [], { lang: "en", langSetting: "user" }],
  [["klingon", undefined, "fr"], ["de"], { lang: "fr", langSetting: "fr" }],
  [[], ["de"], { lang: "en", langSetting: "en" }],
])("of the languages %j in a browser of %j", (settings, ofBrowser, expected) => {
  expect(chooseLanguage(settings, ofBrowser)).toEqual(expected);
});

test("permissions go to the room as lists, and what it does not know stays out", () => {
  expect(permissionChange({ hasPresence: false, canSend: new Set(["audio", "smell"]), canAdmin: ["participants"] })).toEqual({
    hasPresence: false,
    canSend: ["audio"],
    canAdmin: ["participants"],
  });
  expect(permissionChange({ canSend: true, canAdmin: false, hasPresence: "yes", other: 1 })).toEqual({ canSend: true, canAdmin: false });
  expect(permissionChange({})).toEqual({});
});

test("whose media may be received goes to the room by part", () => {
  const canReceive = { base: false, byUserId: { ana: { video: true, smell: true, customVideo: { film: true } }, bad: 7 }, byParticipantId: "all" };
  expect(permissionChange({ canReceive })).toEqual({
    canReceive: { base: false, byUserId: { ana: { video: true, customVideo: { film: true } } } },
  });
});

test.each([
  [true, true],
  [false, false],
  ["staged", "staged"],
  ["avatar", { "cam-audio": true }],
  [{ audio: true, video: "staged" }, { "cam-audio": true, "cam-video": "staged", "screen-audio": false, "screen-video": false }],
  [{ custom: true }, { "cam-audio": false, "cam-video": false, "screen-audio": false, "screen-video": false, others: true }],
  [
    { audio: true, custom: { film: "staged", bad: 1 } },
    { "cam-audio": true, "cam-video": false, "screen-audio": false, "screen-video": false, "custom-audio:film": "staged", "custom-video:film": "staged" },
  ],
  ["nonsense", undefined],
])("setSubscribedTracks %o", (value, expected) => {
  expect(subscription(value)).toEqual(expected);
});

test("a cap on the bandwidth shares it out among fewer encodings, the tighter it is", () => {
  const settings = new ClientSettings();
  expect(sendSettingsOf(settings)).toBe(settings.send);
  const capped = (kbps: number): unknown => {
    settings.maxVideoKbps = kbps;
    return sendSettingsOf(settings)["video"];
  };
  expect(capped(1000)).toEqual({ encodings: { low: { maxBitrate: 100_000 }, medium: { maxBitrate: 250_000 }, high: { maxBitrate: 650_000 } } });
  expect(capped(300)).toEqual({ encodings: { low: { maxBitrate: 90_000 }, medium: { maxBitrate: 210_000 } } });
  expect(capped(100)).toEqual({ encodings: { low: { maxBitrate: 100_000 } } });
});

test("a processor is what was last asked for", () => {
  const settings = new ClientSettings();
  expect(settings.processor("video")).toBe("none");
  settings.mergeInput({ video: { processor: { type: "background-blur", config: { strength: 0.5 } } } });
  expect(settings.processor("video")).toBe("background-blur");
  expect(settings.processor("audio")).toBe("none");
});

const FIGURES = {
  timestamp: 1,
  sendBps: 1,
  recvBps: 1,
  videoSendBps: 1,
  videoRecvBps: 1,
  audioSendBps: 1,
  audioRecvBps: 1,
  videoSendLoss: 0.2,
  videoRecvLoss: 0,
  audioSendLoss: 0,
  audioRecvLoss: 0,
  totalSendLoss: 0.1,
  totalRecvLoss: 0.01,
  videoSendJitter: null,
  audioSendJitter: null,
  videoRecvJitter: 0,
  audioRecvJitter: 0,
  roundTripSecs: 0.5,
  availableSendBps: 90_000,
};
const WORST = { videoRecvLoss: 0.4, videoSendLoss: 0.2, audioRecvLoss: 0, audioSendLoss: 0, videoRecvJitter: 0, videoSendJitter: null, audioRecvJitter: 0, audioSendJitter: null };

test("figures of now, and of the whole call, under daily-js's names", () => {
  const fields = statsFields({ ...FIGURES, worst: WORST, averageRoundTripSecs: 0.2 });
  expect(fields).toMatchObject({
    latest: { totalSendPacketLoss: 0.1, videoSendPacketLoss: 0.2, videoSendJitter: null },
    worstVideoRecvPacketLoss: 0.4,
    averageNetworkRoundTripTime: 0.2,
  });
  expect(statsFields(null)).toEqual({ latest: {} });
});

test("a bad network has reasons", () => {
  expect(reasonsOf({ ...FIGURES, worst: WORST, averageRoundTripSecs: 0.2 })).toEqual(["sendPacketLoss", "roundTripTime", "availableOutgoingBitrate"]);
  expect(reasonsOf(null)).toEqual([]);
});

test.each([
  [{}, undefined],
  [{ camSimulcastEncodings: [] }, undefined],
  [{ disableSimulcast: true }, { encodings: { high: {} } }],
  [{ camSimulcastEncodings: [{ maxBitrate: 1 }, { maxBitrate: 2, scaleResolutionDownBy: 1.5 }] }, { encodings: { low: { scaleResolutionDownBy: 2, maxBitrate: 1 }, medium: { scaleResolutionDownBy: 1.5, maxBitrate: 2 } } }],
])("older options of the camera: %j", (config, expected) => {
  expect(legacyVideoSettings(config)).toEqual(expected);
});

test("what the client repeats at the join does not undo what was changed since the camera started", () => {
  const settings = new ClientSettings();
  const options = { sendSettings: { video: "bandwidth-optimized" }, lang: "de" };
  settings.takeInitial(options, {});
  settings.mergeSend({ video: "quality-optimized" });
  settings.setLanguage("fr");
  settings.takeInitial(options, {});
  expect(settings.send["video"]).toBe("quality-optimized");
  expect(settings.language.lang).toBe("fr");
  settings.takeInitial({ ...options, sendSettings: { video: "adaptive-2-layers" } }, {});
  expect(settings.send["video"]).toBe("adaptive-2-layers");
});
