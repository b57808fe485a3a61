/** How loud the microphone is, by listening to it. */

/** Listens to one track at a time. */
export class LocalLevel {
  #context: AudioContext | null = null;
  #analyser: AnalyserNode | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #track: MediaStreamTrack | null = null;
  readonly #wake = (): void => void this.#context?.resume();

  /** Loudness now, 0…1; 0 while muted or without a track. */
  measure(track: MediaStreamTrack | undefined): number {
    if (!track || !track.enabled || track.readyState === "ended") return 0;
    const analyser = this.#listen(track);
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return Math.min(1, Math.sqrt(power));
  }

  close(): void {
    removeEventListener("pointerdown", this.#wake);
    removeEventListener("keydown", this.#wake);
    void this.#context?.close();
    this.#context = null;
    this.#track = null;
  }

  #listen(track: MediaStreamTrack): AnalyserNode {
    const context = this.#context ?? this.#open();
    const analyser = this.#analyser ?? context.createAnalyser();
    this.#analyser = analyser;
    if (this.#track === track) return analyser;
    this.#source?.disconnect();
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(analyser);
    this.#track = track;
    return analyser;
  }

  #open(): AudioContext {
    const context = new AudioContext();
    this.#context = context;
    this.#analyser = null;
    // Browsers may hold an audio context back until the first gesture.
    addEventListener("pointerdown", this.#wake);
    addEventListener("keydown", this.#wake);
    return context;
  }
}

/** How loud a remote microphone is, from what its packets say; else from the decoder. */
export async function receiverLevel(receiver: RTCRtpReceiver): Promise<number> {
  const [source] = receiver.getSynchronizationSources();
  if (source?.audioLevel !== undefined) return source.audioLevel;
  const report = await receiver.getStats();
  for (const stats of report.values() as Iterable<{ type?: string; audioLevel?: number }>) {
    if (stats.type === "inbound-rtp" && stats.audioLevel !== undefined) return stats.audioLevel;
  }
  return 0;
}
