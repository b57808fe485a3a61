/** Sharing one's screen. */
import type { TrackSource } from "@parlor/protocol";

import { isInRoom } from "./engine.ts";
import type { CaptureResult } from "./event.ts";
import { handleCaptured, isAwaited, setTrack } from "./media.ts";
import { isPermitted } from "./permission.ts";
import { SCREEN_SOURCES } from "./source.ts";
import type { Turn } from "./turn.ts";

/** Asks the person for a screen. */
export function startScreen(turn: Turn): void {
  const { media } = turn.engine;
  if (!isInRoom(turn.engine) || media["screen-video"].capture.step !== "none") return;
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

/** Sends parts of a running share, or keeps them back without ending it. */
export function updateScreen(turn: Turn, { video, audio }: { readonly video?: boolean; readonly audio?: boolean }): void {
  const wanted = { "screen-video": video, "screen-audio": audio };
  for (const source of SCREEN_SOURCES) {
    const on = wanted[source];
    if (on === undefined || turn.engine.media[source].capture.step !== "live") continue;
    setTrack(turn, source, { wanted: on, by: "user" });
    turn.run({ type: "enable", source, on });
  }
}
