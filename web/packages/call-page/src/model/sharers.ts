import type { CallState, TrackView } from "@parlor/browser";

/** Whether somebody sends a track, even where the way here carries it no longer for the moment. */
export function isOffered(track: TrackView): boolean {
  return (track.state !== "off" && track.state !== "blocked") || track.off === "bandwidth";
}

/** Who shares a screen, in order of joining. */
export function sharersOf(state: Pick<CallState, "participants">): string[] {
  return [...state.participants.values()].filter(({ tracks }) => isOffered(tracks["screen-video"])).map(({ id }) => id);
}
