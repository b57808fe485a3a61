/** What the browser itself can do to a camera's picture and a microphone's sound. */
import type { CallState } from "@parlor/engine";

import type { Capture } from "./capture.ts";

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

/** The wishes of one call object, which hold for the next camera and microphone too. */
export class Processing {
  readonly #capture: Capture;
  #video: VideoProcessor = { type: "none" };
  #audio: AudioProcessor = { type: "none" };

  constructor(capture: Capture) {
    this.#capture = capture;
  }

  /** Whether the camera is as wished then. */
  setVideo(processor: VideoProcessor): Promise<boolean> {
    this.#video = processor;
    return applyVideoProcessor(this.#capture.track("cam-video"), processor);
  }

  /** Whether the microphone is as wished then. */
  setAudio(processor: AudioProcessor): Promise<boolean> {
    this.#audio = processor;
    return applyAudioProcessor(this.#capture.track("cam-audio"), processor);
  }

  /** Another device gets the same. */
  follow({ local }: CallState, before: CallState): void {
    const isNew = (source: "cam-video" | "cam-audio"): boolean => {
      const { trackId } = local.tracks[source];
      return trackId !== null && trackId !== before.local.tracks[source].trackId;
    };
    if (isNew("cam-video") && this.#video.type !== "none") void this.setVideo(this.#video);
    if (isNew("cam-audio") && this.#audio.type !== "none") void this.setAudio(this.#audio);
  }
}

/** Blurs what is behind the person, or no longer. Whether it is as wished then. */
async function applyVideoProcessor(track: MediaStreamTrack | undefined, { type }: VideoProcessor): Promise<boolean> {
  const wanted = type === "background-blur";
  if (!track) return !wanted;
  const { backgroundBlur = [] } = track.getCapabilities() as Blur;
  if (!backgroundBlur.includes(wanted)) return !wanted;
  return constrain(track, { backgroundBlur: wanted } as MediaTrackConstraintSet);
}

/** Takes noise out of the voice, or no longer: the browser's own way, which is on from the beginning. */
async function applyAudioProcessor(track: MediaStreamTrack | undefined, { type }: AudioProcessor): Promise<boolean> {
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
