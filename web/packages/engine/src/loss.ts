/** Tracks that end without our wish: unplugged, taken away, or no longer allowed. */
import type { TrackSource } from "@parlor/protocol";

import { stopCustom } from "./custom.ts";
import { localTrackOf } from "./engine.ts";
import { captureMissing, setTrack } from "./media.ts";
import { isPermitted } from "./permission.ts";
import { stopScreen } from "./screen.ts";
import { isCam, isMain, SOURCES } from "./source.ts";
import type { Turn } from "./turn.ts";

/** A running track ended by itself: unplugged, taken away, or the browser's stop button. */
export function handleCaptureEnded(turn: Turn, source: TrackSource, trackId: string): void {
  const { capture } = localTrackOf(turn.engine, source);
  if (capture.step !== "live" || capture.trackId !== trackId) return;
  if (!isMain(source)) return stopCustom(turn, source);
  if (!isCam(source)) {
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

/**
 * Gives back every device whose media may not be sent, and no longer wants it:
 * what the room allows later, the person switches on, never the room.
 */
export function dropForbidden(turn: Turn): void {
  if (!isPermitted(turn.engine, "screen-video")) stopScreen(turn);
  for (const source of turn.engine.custom.keys()) if (!isPermitted(turn.engine, source)) stopCustom(turn, source);
  for (const source of SOURCES) {
    if (isPermitted(turn.engine, source)) continue;
    const { wanted, capture } = turn.engine.media[source];
    if (capture.step !== "none") turn.run({ type: "release", source });
    if (wanted || capture.step !== "none") setTrack(turn, source, { wanted: false, by: "default", capture: { step: "none" } });
  }
}
