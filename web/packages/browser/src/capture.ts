/** Camera, microphone and screen: choosing, starting, letting go. */
import { isCam, type CamSource, type CaptureFailure, type CaptureResult, type CustomSource, type Device, type Fact, type TrackSource } from "@parlor/engine";

import type { CaptureOptions, DeviceChoice } from "./call.ts";
import { captureFailure, isDismissed } from "./capture-error.ts";
import { describeDevice } from "./devices.ts";

const VIDEO: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

const UNSUPPORTED: CaptureFailure = { reason: "unsupported", info: "Cameras and microphones need https." };

interface Held {
  readonly track: MediaStreamTrack;
  /** Tracks that the application brought are not ours to stop. */
  readonly isOwn: boolean;
}

/** What to share, when it is not for the browser to ask. */
export interface ScreenOptions {
  readonly display?: DisplayMediaStreamOptions;
  readonly stream?: MediaStream;
}

/** Keeps the tracks of one call's own devices. */
export class Capture {
  /** Camera and microphone. One object; its tracks change. */
  readonly stream = new MediaStream();
  readonly #report: (fact: Fact) => void;
  readonly #held = new Map<TrackSource, Held & { readonly watch: AbortController }>();
  /** The newest capture of each source; results of older ones are thrown away. */
  readonly #newest = new Map<TrackSource, number>();
  readonly #choices: Record<CamSource, DeviceChoice> = { "cam-audio": { kind: "default" }, "cam-video": { kind: "default" } };
  readonly #constraints: Record<CamSource, MediaTrackConstraints> = { "cam-audio": AUDIO, "cam-video": VIDEO };
  /** What shared screens show mostly: text, or films. */
  screenHint: "detail" | "motion" = "detail";
  #screen: ScreenOptions = {};

  constructor(report: (fact: Fact) => void) {
    this.#report = report;
  }

  /** Remembers choices; tells whose device changes by them. */
  choose(options: CaptureOptions): CamSource[] {
    const changed = new Set<CamSource>();
    const given = { "cam-audio": [options.mic, options.audioConstraints], "cam-video": [options.camera, options.videoConstraints] } as const;
    for (const source of ["cam-audio", "cam-video"] as const) {
      const [choice, constraints] = given[source];
      if (choice && !isSameChoice(choice, this.#choices[source])) {
        this.#choices[source] = choice;
        changed.add(source);
      }
      if (constraints) {
        this.#constraints[source] = constraints;
        changed.add(source);
      }
    }
    return [...changed];
  }

  /** The chosen device is gone. */
  forget(source: CamSource): void {
    this.#choices[source] = { kind: "default" };
  }

  setScreen(options: ScreenOptions): void {
    this.#screen = options;
  }

  track(source: TrackSource): MediaStreamTrack | undefined {
    return this.#held.get(source)?.track;
  }

  /** Keeps a track that the application brought. */
  setCustom(source: CustomSource, track: MediaStreamTrack): void {
    this.release(source);
    this.#hold(source, { track, isOwn: false });
  }

  /** Starts devices and reports how it went. */
  async start(capture: number, sources: readonly CamSource[]): Promise<void> {
    for (const source of sources) {
      this.release(source);
      this.#newest.set(source, capture);
    }
    const found = await this.#open(sources);
    const results: Partial<Record<TrackSource, CaptureResult>> = {};
    for (const source of sources) {
      const result = found[source];
      if (result && "track" in result) results[source] = await this.#keep(capture, source, result);
      else if (result) results[source] = { failure: result };
    }
    this.#report({ type: "captured", capture, results });
  }

  /** Asks for a screen and reports how it went. */
  async startScreen(capture: number): Promise<void> {
    this.#newest.set("screen-video", capture);
    this.#newest.set("screen-audio", capture);
    try {
      const { stream: given, display } = this.#screen;
      const stream = given ?? (await navigator.mediaDevices.getDisplayMedia(display ?? { video: true, audio: true }));
      const isOwn = given === undefined;
      const [video] = stream.getVideoTracks();
      const [audio] = stream.getAudioTracks();
      if (!video) throw new TypeError("The shared stream has no video.");
      const results: Partial<Record<TrackSource, CaptureResult>> = {
        "screen-video": await this.#keep(capture, "screen-video", { track: video, isOwn }),
        ...(audio ? { "screen-audio": await this.#keep(capture, "screen-audio", { track: audio, isOwn }) } : {}),
      };
      this.#report({ type: "captured", capture, results });
    } catch (cause) {
      this.#report({ type: "screen-refused", capture, ...screenRefusal(cause) });
    }
  }

  /** Lets a device go. */
  release(source: TrackSource): void {
    this.#newest.delete(source);
    const held = this.#held.get(source);
    if (!held) return;
    this.#held.delete(source);
    held.watch.abort();
    this.stream.removeTrack(held.track);
    if (held.isOwn) held.track.stop();
  }

  enable(source: TrackSource, on: boolean): void {
    const track = this.track(source);
    if (track) track.enabled = on;
  }

  async #open(sources: readonly CamSource[]): Promise<Partial<Record<CamSource, Held | CaptureFailure>>> {
    const found: Partial<Record<CamSource, Held | CaptureFailure>> = {};
    const asked: CamSource[] = [];
    for (const source of sources) {
      const choice = this.#choices[source];
      if (choice.kind === "track") found[source] = { track: choice.track, isOwn: false };
      else asked.push(source);
    }
    return asked.length === 0 ? found : { ...found, ...(await this.#ask(asked)) };
  }

  /** Asks for all at once, so that there is one prompt; then one by one, to learn which one fails. */
  async #ask(sources: readonly CamSource[]): Promise<Partial<Record<CamSource, Held | CaptureFailure>>> {
    if (!navigator.mediaDevices?.getUserMedia) return each(sources, () => UNSUPPORTED);
    try {
      const stream = await navigator.mediaDevices.getUserMedia(this.#constraintsOf(sources));
      return each(sources, (source) => heldOf(stream, source));
    } catch (cause) {
      if (sources.length === 1 || isDismissed(cause)) return each(sources, () => captureFailure(cause));
    }
    const found: Partial<Record<CamSource, Held | CaptureFailure>> = {};
    for (const source of sources) Object.assign(found, await this.#ask([source]));
    return found;
  }

  #constraintsOf(sources: readonly CamSource[]): MediaStreamConstraints {
    const constraints = (source: CamSource): MediaTrackConstraints | false => {
      if (!sources.includes(source)) return false;
      const choice = this.#choices[source];
      return choice.kind === "device" ? { ...this.#constraints[source], deviceId: { exact: choice.deviceId } } : this.#constraints[source];
    };
    return { audio: constraints("cam-audio"), video: constraints("cam-video") };
  }

  async #keep(capture: number, source: TrackSource, held: Held): Promise<CaptureResult> {
    const device: Device | null = held.isOwn && isCam(source) ? await describeDevice(held.track) : null;
    if (this.#newest.get(source) !== capture) {
      // Nobody wants it any more; the engine ignores the result too.
      if (held.isOwn) held.track.stop();
      return { trackId: held.track.id, device };
    }
    this.#hold(source, held);
    if (isCam(source)) this.stream.addTrack(held.track);
    if (source === "screen-video" && held.isOwn) held.track.contentHint = this.screenHint;
    return { trackId: held.track.id, device };
  }

  /** Tells when the track ends, but only as long as we hold it: an application may bring its own again and again. */
  #hold(source: TrackSource, { track, isOwn }: Held): void {
    this.#held.get(source)?.watch.abort();
    const watch = new AbortController();
    this.#held.set(source, { track, isOwn, watch });
    track.addEventListener("ended", () => this.#report({ type: "capture-ended", source, trackId: track.id }), { signal: watch.signal });
  }
}

function heldOf(stream: MediaStream, source: CamSource): Held | CaptureFailure {
  const [track] = source === "cam-audio" ? stream.getAudioTracks() : stream.getVideoTracks();
  return track ? { track, isOwn: true } : { reason: "missing", info: "The browser gave no such track." };
}

function each<T>(sources: readonly CamSource[], value: (source: CamSource) => T): Partial<Record<CamSource, T>> {
  const all: Partial<Record<CamSource, T>> = {};
  for (const source of sources) all[source] = value(source);
  return all;
}

function isSameChoice(a: DeviceChoice, b: DeviceChoice): boolean {
  if (a.kind === "device" && b.kind === "device") return a.deviceId === b.deviceId;
  if (a.kind === "track" && b.kind === "track") return a.track === b.track;
  return a.kind === b.kind;
}

function screenRefusal(cause: unknown): { readonly reason: "canceled" | "permission" | "unknown"; readonly info: string } {
  const { reason, info } = captureFailure(cause);
  if (reason === "permission-user") return { reason: "canceled", info };
  return { reason: reason === "permission-browser" ? "permission" : "unknown", info };
}
