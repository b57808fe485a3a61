/** What the browser itself can do to a camera's picture and a microphone's sound. */

/** A wish for one's own camera. */
export interface VideoProcessor {
  readonly type: "none" | "background-blur";
}

/** A wish for one's own microphone. */
export interface AudioProcessor {
  readonly type: "none" | "noise-cancellation";
}

/** A constraint that browsers offer and the type definitions do not know yet. */
type Blur = { readonly backgroundBlur?: readonly boolean[] };

/** Blurs what is behind the person, or no longer. Whether it is as wished then. */
export async function applyVideoProcessor(track: MediaStreamTrack | undefined, { type }: VideoProcessor): Promise<boolean> {
  const wanted = type === "background-blur";
  if (!track) return !wanted;
  const { backgroundBlur = [] } = track.getCapabilities() as Blur;
  if (!backgroundBlur.includes(wanted)) return !wanted;
  return constrain(track, { backgroundBlur: wanted } as MediaTrackConstraintSet);
}

/** Takes noise out of the voice, or no longer: the browser's own way, which is on from the beginning. */
export async function applyAudioProcessor(track: MediaStreamTrack | undefined, { type }: AudioProcessor): Promise<boolean> {
  const wanted = type === "noise-cancellation";
  if (!track) return !wanted;
  const { noiseSuppression = [] } = track.getCapabilities();
  if (!noiseSuppression.includes(true)) return !wanted;
  return wanted ? constrain(track, { noiseSuppression: true }) : true;
}

/** Adds to the constraints that are there. */
async function constrain(track: MediaStreamTrack, added: MediaTrackConstraintSet): Promise<boolean> {
  try {
    await track.applyConstraints({ ...track.getConstraints(), ...added });
    return true;
  } catch {
    // The capability was a promise that the device does not keep.
    return false;
  }
}
