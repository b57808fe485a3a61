/** Begins and ends the local recording, and says who and what is in it. */
import { customSource, type MainSource, type TrackSource } from "@parlor/engine";

import { LocalRecording, type LocalRecordingOptions, type RecordingSources } from "./local-recording.ts";
import type { Runner } from "./runner.ts";

/** The recordings of one call object: one at a time. */
export class Recorder {
  readonly #runner: Runner;
  readonly #trackOf: (participant: string, source: TrackSource) => MediaStreamTrack | undefined;
  #recording: LocalRecording | null = null;
  #count = 0;

  constructor(runner: Runner, trackOf: (participant: string, source: TrackSource) => MediaStreamTrack | undefined) {
    this.#runner = runner;
    this.#trackOf = trackOf;
  }

  /** Begins; gives its number. Throws where that cannot be. */
  start(options: LocalRecordingOptions): number {
    if (this.#runner.engine.call.phase !== "joined") throw new Error("Join the call before you record it.");
    if (this.#recording) throw new Error("A recording runs already.");
    const number = this.#count + 1;
    this.#recording = new LocalRecording(() => this.#sources(), options, {
      data: (data, isLast) => this.#runner.tell({ type: "recording-data", recording: number, data, isLast }),
      failed: (info) => {
        this.#runner.tell({ type: "recording-failed", recording: number, info });
        this.stop();
      },
    });
    this.#count = number;
    this.#runner.dispatch({ type: "set-recording", isRecording: true });
    return number;
  }

  /** Ends, if one runs. */
  stop(): void {
    if (!this.#recording) return;
    this.#recording.stop();
    this.#recording = null;
    this.#runner.dispatch({ type: "set-recording", isRecording: false });
  }

  /** Screens first, oneself last; one's own sound is part of the call. */
  #sources(): RecordingSources {
    const { participants, local } = this.#runner.engine.call;
    const everybody = [...participants.values(), local];
    const playing = (source: MainSource): MediaStreamTrack[] =>
      everybody.flatMap(({ id, tracks }) => (tracks[source].state === "playable" ? (this.#trackOf(id, source) ?? []) : []));
    const custom = (kind: "audio" | "video"): MediaStreamTrack[] =>
      everybody.flatMap(({ id, custom }) =>
        Object.entries(custom).flatMap(([tag, track]) => (track.kind === kind && track.state === "playable" ? (this.#trackOf(id, customSource(kind, tag)) ?? []) : [])),
      );
    return {
      videos: [...playing("screen-video"), ...custom("video"), ...playing("cam-video")],
      audios: [...playing("cam-audio"), ...playing("screen-audio"), ...custom("audio")],
    };
  }
}
