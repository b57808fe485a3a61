/**
 * Checks before a call: a call of one's own to the server's echo, in which
 * one's own tracks come back. Each is a whole small call, so it tests what a
 * call needs, and nothing else.
 */
import type { Engine, Intent } from "@parlor/engine";

import type { LatestFigures } from "./figures.ts";
import type { Runner } from "./runner.ts";
import { StatsSampler } from "./stats.ts";

/** How long a connection may take. */
const CONNECT_MS = 15_000;
/** Slower than this is worth a word. */
const SLOW_MS = 5_000;
/** How long quality is measured, when nobody says. */
const QUALITY_SECS = 15;
/** Longest measurement: the server ends the echo after a minute. */
const MAX_QUALITY_SECS = 50;
const SAMPLE_MS = 1_000;

/** What is checked. */
export type CheckKind = "websocket" | "network" | "quality";

/** `warning`: it works, but slowly. */
export type CheckResult = "passed" | "warning" | "failed" | "aborted";

/** Which room's server. Without, the one of the last `preAuth` or `join`. */
export interface CheckOptions {
  readonly url?: string;
  readonly token?: string;
}

/** How quality is checked. */
export interface QualityCheckOptions extends CheckOptions {
  readonly durationSecs?: number;
  /** What to send. Without, one's own camera and microphone, as far as they run. */
  readonly tracks?: readonly MediaStreamTrack[];
}

/** How good a call would be. */
export interface QualityCheckOutcome {
  readonly result: "good" | "warning" | "bad" | "aborted" | "failed";
  readonly data: {
    readonly maxRoundTripSecs: number | null;
    readonly averageRoundTripSecs: number | null;
    readonly averageSendLoss: number | null;
    readonly averageAvailableSendBps: number | null;
    readonly averageSendBps: number | null;
  };
  readonly secondsElapsed: number;
  /** With `failed`, for people. */
  readonly info?: string;
}

/** Connects, and says how that went. The runner is spent then. */
export async function checkConnection(runner: Runner, kind: "websocket" | "network", intent: Intent, signal: AbortSignal): Promise<CheckResult> {
  const began = performance.now();
  try {
    const outcome = await connect(runner, kind, intent, [], signal);
    if (outcome !== "connected") return outcome;
    return performance.now() - began > SLOW_MS ? "warning" : "passed";
  } finally {
    close(runner);
  }
}

/** Sends for a while, and says how well that went. The runner is spent then. */
export async function checkQuality(runner: Runner, intent: Intent, tracks: readonly MediaStreamTrack[], options: QualityCheckOptions, signal: AbortSignal): Promise<QualityCheckOutcome> {
  const began = performance.now();
  const samples: LatestFigures[] = [];
  const outcome = (result: QualityCheckOutcome["result"], info?: string): QualityCheckOutcome => ({
    result,
    data: summary(samples),
    secondsElapsed: Math.round((performance.now() - began) / 1000),
    ...(info === undefined ? {} : { info }),
  });
  try {
    const connected = await connect(runner, "network", intent, tracks, signal);
    if (connected !== "connected") return outcome(connected, runner.engine.call.error?.info ?? "The connection did not come about in time.");
    const secs = Math.min(MAX_QUALITY_SECS, Math.max(1, options.durationSecs ?? QUALITY_SECS));
    const isThrough = await takeSamples(() => runner.connection?.getStats(), samples, secs * 1000, signal);
    if (!isThrough) return outcome("failed", runner.engine.call.error?.info ?? "The connection was lost.");
    const grade = gradeOf(samples);
    if (grade !== null) return outcome(grade);
    return signal.aborted ? outcome("aborted") : outcome("failed", "Nothing could be measured.");
  } finally {
    close(runner);
  }
}

function close(runner: Runner): void {
  runner.dispatch({ type: "leave" });
  runner.reporter.end();
}

async function connect(runner: Runner, kind: "websocket" | "network", intent: Intent, tracks: readonly MediaStreamTrack[], signal: AbortSignal): Promise<"connected" | "failed" | "aborted"> {
  const camera = tracks.find((track) => track.kind === "video");
  const mic = tracks.find((track) => track.kind === "audio");
  runner.capture.choose({ ...(camera ? { camera: { kind: "track", track: camera } } : {}), ...(mic ? { mic: { kind: "track", track: mic } } : {}) });
  runner.dispatch({ type: "join", intent: { ...intent, purpose: "check", startVideoOff: !camera, startAudioOff: !mic } });
  const reached = runner.until(({ call }: Engine): "connected" | "failed" | undefined => {
    if (call.phase === "failed" || call.phase === "left") return "failed";
    const isReached = kind === "websocket" ? call.network.signalling === "connected" : call.network.media === "connected";
    return isReached ? "connected" : undefined;
  });
  const settled = new AbortController();
  const late = pause(CONNECT_MS, AbortSignal.any([signal, settled.signal])).then((isThrough) => (isThrough ? ("failed" as const) : ("aborted" as const)));
  const outcome = await Promise.race([reached, late]);
  settled.abort();
  return outcome;
}

/** What the browser measured; `undefined` once the connection is gone. */
type Look = () => Promise<Pick<RTCStatsReport, "values">> | undefined;

/** Takes a sample a second, each from one look to the next. False if the call ended on the way; an abort only ends it sooner. */
export async function takeSamples(look: Look, samples: LatestFigures[], ms: number, signal: AbortSignal): Promise<boolean> {
  const sampler = new StatsSampler();
  const end = performance.now() + ms;
  for (;;) {
    const report = await look();
    if (!report) return false;
    const figures = sampler.take(report.values());
    if (figures) samples.push(figures);
    if (performance.now() >= end || signal.aborted) return true;
    await pause(SAMPLE_MS, signal);
  }
}

/** True when the time is over, false when it was cut short. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const cut = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", cut);
      resolve(true);
    }, ms);
    signal.addEventListener("abort", cut, { once: true });
  });
}

function summary(samples: readonly LatestFigures[]): QualityCheckOutcome["data"] {
  const known = (key: keyof LatestFigures): number[] => samples.flatMap((each) => each[key] ?? []);
  const roundTrips = known("roundTripSecs");
  return {
    maxRoundTripSecs: roundTrips.length === 0 ? null : Math.max(...roundTrips),
    averageRoundTripSecs: average(roundTrips),
    averageSendLoss: average(known("totalSendLoss")),
    averageAvailableSendBps: average(known("availableSendBps")),
    averageSendBps: average(known("sendBps")),
  };
}

function average(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** From which a call suffers, and from which it is no pleasure. */
const WARNING = { loss: 0.03, roundTripSecs: 0.3, sendBps: 400_000 };
const BAD = { loss: 0.1, roundTripSecs: 0.6, sendBps: 100_000 };

/** In a word; `null`: nothing was measured. */
export function gradeOf(samples: readonly LatestFigures[]): "good" | "warning" | "bad" | null {
  if (samples.length === 0) return null;
  const { averageSendLoss, averageRoundTripSecs, averageAvailableSendBps } = summary(samples);
  const isBeyond = (limit: typeof WARNING): boolean =>
    (averageSendLoss ?? 0) >= limit.loss || (averageRoundTripSecs ?? 0) >= limit.roundTripSecs || (averageAvailableSendBps ?? Infinity) < limit.sendBps;
  if (isBeyond(BAD)) return "bad";
  return isBeyond(WARNING) ? "warning" : "good";
}
