/** Tracks of the application's own, beside camera, microphone and screen. */
import type { LocalTrack } from "./engine.ts";
import { isPermitted } from "./permission.ts";
import { MAX_CUSTOM_TRACKS, type CustomSource } from "./source.ts";
import type { Turn } from "./turn.ts";

/** Sends another track. The shell gave it; what may not be sent is given back. */
export function startCustom(turn: Turn, source: CustomSource, trackId: string): void {
  const refusal = refusalOf(turn, source);
  if (refusal !== null) {
    turn.run({ type: "release", source });
    turn.emit({ type: "rejected", message: "publish", info: refusal });
    return;
  }
  const track: LocalTrack = { wanted: true, by: "user", capture: { step: "live", trackId, device: null } };
  turn.set({ custom: new Map(turn.engine.custom).set(source, track) });
}

function refusalOf(turn: Turn, source: CustomSource): string | null {
  const { custom } = turn.engine;
  if (!isPermitted(turn.engine, source)) return "You may not send tracks of your own in this call.";
  if (!custom.has(source) && custom.size >= MAX_CUSTOM_TRACKS) return `At most ${MAX_CUSTOM_TRACKS} tracks of one's own can be sent at a time.`;
  return null;
}

/** Sends it no longer. */
export function stopCustom(turn: Turn, source: CustomSource): void {
  if (!turn.engine.custom.has(source)) return;
  const custom = new Map(turn.engine.custom);
  custom.delete(source);
  turn.set({ custom });
  turn.run({ type: "release", source });
}
