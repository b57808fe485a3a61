import type { CallState } from "@parlor/browser";

/** Who shares a screen, in order of joining. */
export function sharersOf(state: Pick<CallState, "participants">): string[] {
  return [...state.participants.values()].filter(({ tracks }) => tracks["screen-video"].state !== "off" && tracks["screen-video"].state !== "blocked").map(({ id }) => id);
}
