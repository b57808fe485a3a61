/** What the room is told of one's own tracks. */
import type { TrackSource, TrackState } from "@parlor/protocol";

import { isInRoom, localTrackOf, sourcesOf, type Engine } from "./engine.ts";
import { isPermitted } from "./permission.ts";
import type { Turn } from "./turn.ts";

/**
 * Pause before the room is told again what it rejected. Rejections come from
 * saying too much in too short a time; less would add to it.
 */
const PUBLISH_AGAIN_MS = 1_000;

/** Tells the room which of our tracks flow, where that changed. */
export function publishTracks(turn: Turn): void {
  if (!isInRoom(turn.engine) || turn.engine.link.step !== "in") return;
  const told = Object.keys(turn.engine.published) as TrackSource[];
  for (const source of new Set([...sourcesOf(turn.engine), ...told])) {
    const state = publishedState(turn.engine, source);
    if (isSame(turn.engine.published[source] ?? "off", state)) continue;
    turn.set({ published: { ...turn.engine.published, [source]: state } });
    turn.say({ type: "publish", source, state });
  }
}

/** What an admin switched off is off. */
function isSame(told: TrackState, state: TrackState): boolean {
  return told === state || (state === "off" && told === "off_by_remote");
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
  const { wanted, capture } = localTrackOf(engine, source);
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
