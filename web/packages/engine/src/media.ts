/** One's own tracks: devices starting, failing and ending; muting; screens. */
import type { NamedSource as TrackSource, TrackState } from "@parlor/protocol";

import { CAM_SOURCES, SOURCES, type Engine, type LocalTrack } from "./engine.ts";
import type { CaptureResult } from "./event.ts";
import { isPermitted } from "./permission.ts";
import type { CaptureFailure } from "./state.ts";
import type { Turn } from "./turn.ts";

type CamSource = (typeof CAM_SOURCES)[number];

const SCREEN_SOURCES = ["screen-video", "screen-audio"] as const;

/**
 * Pause before the room is told again what it rejected. Rejections come from
 * saying too much in too short a time; less would add to it.
 */
const PUBLISH_AGAIN_MS = 1_000;

/** Starts the devices that are wanted and do not run. */
export function captureMissing(turn: Turn): void {
  const { media, isCapturing } = turn.engine;
  if (!isCapturing) return;
  const missing = CAM_SOURCES.filter((source) => {
    const { step } = media[source].capture;
    return media[source].wanted && isPermitted(turn.engine, source) && (step === "none" || step === "failed");
  });
  capture(turn, missing);
}

/** Starts devices anew, since another one was chosen. */
export function recapture(turn: Turn, sources: readonly CamSource[]): void {
  const { media, isCapturing } = turn.engine;
  if (!isCapturing) return;
  // A muted microphone that already runs changes at once, so that unmuting is quick.
  capture(turn, sources.filter((source) => media[source].wanted || media[source].capture.step === "live"));
}

function capture(turn: Turn, sources: readonly CamSource[]): void {
  if (sources.length === 0) return;
  const id = turn.takeId();
  for (const source of sources) setTrack(turn, source, { capture: { step: "starting", capture: id } });
  turn.run({ type: "capture", capture: id, sources });
}

/** Switches camera or microphone. */
export function setWanted(turn: Turn, source: CamSource, wanted: boolean, by: "user" | "remote-request"): void {
  if (wanted && !isPermitted(turn.engine, source)) {
    const what = source === "cam-audio" ? "speak" : "send video";
    turn.emit({ type: "rejected", message: "publish", info: `You may not ${what} in this call.` });
    return;
  }
  const track = turn.engine.media[source];
  setTrack(turn, source, { wanted, by });
  if (wanted === track.wanted && !(wanted && track.capture.step === "failed")) return;
  if (source === "cam-video" && !wanted) {
    // The camera's light goes out; a muted microphone stays open, so that unmuting is instant.
    if (track.capture.step !== "none") turn.run({ type: "release", source });
    setTrack(turn, source, { capture: { step: "none" } });
  }
  if (track.capture.step === "live" && source === "cam-audio") turn.run({ type: "enable", source, on: wanted });
  if (wanted) captureMissing(turn);
}

/** Devices have started, or not. */
export function handleCaptured(turn: Turn, capture: number, results: Readonly<Partial<Record<TrackSource, CaptureResult>>>): void {
  const failed: Partial<Record<CamSource, CaptureFailure>> = {};
  let hasStarted = false;
  for (const source of SOURCES) {
    const result = results[source];
    if (!result) continue;
    if (!isAwaited(turn.engine.media[source], capture)) continue;
    const isLive = settleCapture(turn, source, result);
    hasStarted ||= isLive;
    if ("failure" in result && isCamSource(source)) failed[source] = result.failure;
  }
  if (results["screen-video"] && turn.engine.media["screen-video"].capture.step === "live") {
    turn.emit({ type: "screen-share-started" });
  } else if (hasStarted) {
    turn.emit({ type: "camera-started" });
  }
  if (Object.keys(failed).length > 0) turn.emit({ type: "camera-error", error: { failed } });
}

function isAwaited(track: LocalTrack, capture: number): boolean {
  return track.capture.step === "starting" && track.capture.capture === capture;
}

function settleCapture(turn: Turn, source: TrackSource, result: CaptureResult): boolean {
  if ("failure" in result) {
    setTrack(turn, source, { capture: { step: "failed", failure: result.failure } });
    setDevice(turn, source, null);
    return false;
  }
  setTrack(turn, source, { capture: { step: "live", trackId: result.trackId, device: result.device } });
  setDevice(turn, source, result.device);
  if (source === "cam-audio" && !turn.engine.media[source].wanted) turn.run({ type: "enable", source, on: false });
  return true;
}

function setDevice(turn: Turn, source: TrackSource, device: LocalDevice): void {
  const { devices } = turn.engine.call;
  if (source === "cam-video") turn.setCall({ devices: { ...devices, camera: device } });
  if (source === "cam-audio") turn.setCall({ devices: { ...devices, mic: device } });
}

type LocalDevice = Engine["call"]["devices"]["camera"];

/** A running track ended by itself: unplugged, taken away, or the browser's stop button. */
export function handleCaptureEnded(turn: Turn, source: TrackSource, trackId: string): void {
  const { capture } = turn.engine.media[source];
  if (capture.step !== "live" || capture.trackId !== trackId) return;
  if (!isCamSource(source)) {
    if (source === "screen-video") stopScreen(turn);
    else setTrack(turn, source, { capture: { step: "none" }, wanted: false });
    return;
  }
  turn.emit({ type: "device-lost", source, label: capture.device?.label ?? "" });
  turn.run({ type: "release", source });
  turn.run({ type: "forget-device", source });
  setTrack(turn, source, { capture: { step: "none" } });
  captureMissing(turn);
}

/** Asks the person for a screen. */
export function startScreen(turn: Turn): void {
  const { media, self } = turn.engine;
  if (!self || media["screen-video"].capture.step !== "none") return;
  if (!isPermitted(turn.engine, "screen-video")) {
    turn.emit({ type: "screen-share-failed", reason: "permission", info: "You may not share your screen in this call." });
    return;
  }
  const id = turn.takeId();
  for (const source of SCREEN_SOURCES) setTrack(turn, source, { wanted: true, capture: { step: "starting", capture: id } });
  turn.run({ type: "capture-screen", capture: id });
}

/** A screen was chosen; its sound only if it has any. */
export function handleScreenCaptured(turn: Turn, capture: number, results: Readonly<Partial<Record<TrackSource, CaptureResult>>>): void {
  handleCaptured(turn, capture, results);
  const audio = turn.engine.media["screen-audio"];
  if (isAwaited(audio, capture)) setTrack(turn, "screen-audio", { wanted: false, capture: { step: "none" } });
}

/** No screen after all. */
export function handleScreenRefused(turn: Turn, capture: number, reason: "canceled" | "permission" | "unknown", info: string): void {
  if (!isAwaited(turn.engine.media["screen-video"], capture)) return;
  for (const source of SCREEN_SOURCES) setTrack(turn, source, { wanted: false, capture: { step: "none" } });
  turn.emit({ type: "screen-share-failed", reason, info });
}

/** Ends one's own screen share. */
export function stopScreen(turn: Turn): void {
  if (turn.engine.media["screen-video"].capture.step === "none") return;
  for (const source of SCREEN_SOURCES) {
    if (turn.engine.media[source].capture.step === "none") continue;
    turn.run({ type: "release", source });
    setTrack(turn, source, { wanted: false, capture: { step: "none" } });
  }
  turn.emit({ type: "screen-share-stopped" });
}

/**
 * Gives back every device whose media may not be sent, and no longer wants it:
 * what the room allows later, the person switches on, never the room.
 */
export function dropForbidden(turn: Turn): void {
  if (!isPermitted(turn.engine, "screen-video")) stopScreen(turn);
  for (const source of SOURCES) {
    if (isPermitted(turn.engine, source)) continue;
    const { wanted, capture } = turn.engine.media[source];
    if (capture.step !== "none") turn.run({ type: "release", source });
    if (wanted || capture.step !== "none") setTrack(turn, source, { wanted: false, by: "default", capture: { step: "none" } });
  }
}

/** Tells the room which of our tracks flow, where that changed. */
export function publishTracks(turn: Turn): void {
  if (!turn.engine.self || turn.engine.link.step !== "in") return;
  for (const source of SOURCES) {
    const state = publishedState(turn.engine, source);
    if ((turn.engine.published[source] ?? "off") === state) continue;
    turn.set({ published: { ...turn.engine.published, [source]: state } });
    turn.say({ type: "publish", source, state });
  }
}

/** The room took no notice of what one of our tracks does; it does not say which. */
export function handlePublishRejected(turn: Turn): void {
  turn.startTimer("publish", PUBLISH_AGAIN_MS);
}

/** Starts from what the room knows, so that the turn's end tells it the rest. */
export function handlePublishTimer(turn: Turn): void {
  const { self } = turn.engine;
  if (self) turn.set({ published: self.tracks });
}

function publishedState(engine: Engine, source: TrackSource): TrackState {
  const { wanted, capture } = engine.media[source];
  if (!wanted || !isPermitted(engine, source)) return "off";
  switch (capture.step) {
    case "live":
      return "sending";
    case "failed":
      return "blocked";
    case "starting":
      // A device that takes the place of a running one is the same track to the others.
      return engine.published[source] ?? "off";
    case "none":
      return "off";
  }
}

function isCamSource(source: TrackSource): source is CamSource {
  return source === "cam-audio" || source === "cam-video";
}

function setTrack(turn: Turn, source: TrackSource, patch: Partial<LocalTrack>): void {
  const { media } = turn.engine;
  turn.set({ media: { ...media, [source]: { ...media[source], ...patch } } });
}
