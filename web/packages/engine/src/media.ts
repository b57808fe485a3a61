/** One's own devices: starting, failing, muting. */
import type { TrackSource } from "@parlor/protocol";

import type { Engine, LocalTrack } from "./engine.ts";
import type { CaptureResult } from "./event.ts";
import { isPermitted } from "./permission.ts";
import { CAM_SOURCES, isCam, SOURCES, type CamSource, type MainSource } from "./source.ts";
import type { CaptureFailure } from "./state.ts";
import type { Turn } from "./turn.ts";

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
    if ("failure" in result && isCam(source)) failed[source] = result.failure;
  }
  if (results["screen-video"] && turn.engine.media["screen-video"].capture.step === "live") {
    turn.emit({ type: "screen-share-started" });
  } else if (hasStarted) {
    turn.emit({ type: "camera-started" });
  }
  if (Object.keys(failed).length > 0) turn.emit({ type: "camera-error", error: { failed } });
}

/** Whether the track waits for just that capture. */
export function isAwaited(track: LocalTrack, capture: number): boolean {
  return track.capture.step === "starting" && track.capture.capture === capture;
}

function settleCapture(turn: Turn, source: MainSource, result: CaptureResult): boolean {
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

function setDevice(turn: Turn, source: MainSource, device: LocalDevice): void {
  const { devices } = turn.engine.call;
  if (source === "cam-video") turn.setCall({ devices: { ...devices, camera: device } });
  if (source === "cam-audio") turn.setCall({ devices: { ...devices, mic: device } });
}

type LocalDevice = Engine["call"]["devices"]["camera"];

/** Changes what is remembered of a track. */
export function setTrack(turn: Turn, source: MainSource, patch: Partial<LocalTrack>): void {
  const { media } = turn.engine;
  turn.set({ media: { ...media, [source]: { ...media[source], ...patch } } });
}
