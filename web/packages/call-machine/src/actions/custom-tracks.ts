/** Tracks that the application makes itself. */
import type { Actions } from "../actions.ts";
import { customTrackOn } from "../app-tracks.ts";
import { recordOf, stringOf } from "../message.ts";

export const customTrackActions: Actions = {
  "start-custom-track": async (machine, fields) => {
    // The shelf is looked at before anything else: the next call overwrites it.
    const track = customTrackOn(machine.shelves());
    if (!track) return { error: "There is no track to start." };
    const { trackName, mode } = recordOf(fields["properties"]);
    const tag = stringOf(trackName);
    const mediaTag = await machine.call.startCustomTrack({ track, ...(tag === undefined || tag === "" ? {} : { tag }), isMusic: isMusic(mode) });
    return { mediaTag };
  },

  "stop-custom-track": (machine, { mediaTag }) => {
    machine.call.stopCustomTrack(stringOf(mediaTag) ?? "");
    return { mediaTag };
  },
};

/** Own settings of bitrate and channels are made for music. */
function isMusic(mode: unknown): boolean {
  return mode === "music" || recordOf(mode)["stereo"] === true;
}
