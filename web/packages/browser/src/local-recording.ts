/** Records the call in this browser: all pictures on one canvas, all sounds in one mix. */

/** How large a picture, and how often. */
export interface LocalRecordingOptions {
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly videoBitrate?: number;
  readonly audioBitrate?: number;
}

/** What is to be seen and heard now. */
export interface RecordingSources {
  /** In the order of importance: a screen first. */
  readonly videos: readonly MediaStreamTrack[];
  readonly audios: readonly MediaStreamTrack[];
}

/** Where a recording brings its pieces. */
export interface RecordingListener {
  readonly data: (data: Blob, isLast: boolean) => void;
  readonly failed: (info: string) => void;
}

/** How often a piece is handed on. Less loses less when the page dies. */
const PIECE_MS = 1_000;
const PLAIN = { width: 1280, height: 720, fps: 25, videoBitrate: 2_500_000, audioBitrate: 96_000 } as const;
/** What browsers can write; the first that this one can. */
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"] as const;

/** One recording. */
export class LocalRecording {
  readonly #sources: () => RecordingSources;
  readonly #canvas = document.createElement("canvas");
  readonly #context: AudioContext;
  readonly #mix: MediaStreamAudioDestinationNode;
  readonly #stream = new MediaStream();
  readonly #players = new Map<MediaStreamTrack, HTMLVideoElement>();
  readonly #inputs = new Map<MediaStreamTrack, MediaStreamAudioSourceNode>();
  readonly #recorder: MediaRecorder;
  #drawing: ReturnType<typeof setInterval> | undefined;

  constructor(sources: () => RecordingSources, options: LocalRecordingOptions, listener: RecordingListener) {
    const { width, height, fps, videoBitrate, audioBitrate } = { ...PLAIN, ...options };
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    if (mimeType === undefined) throw new Error("This browser cannot record.");
    this.#sources = sources;
    this.#context = new AudioContext();
    this.#mix = this.#context.createMediaStreamDestination();
    // Browsers may hold an audio context back; whoever records has made a gesture.
    void this.#context.resume();
    this.#canvas.width = width;
    this.#canvas.height = height;
    try {
      this.#draw();
      const tracks = [...this.#canvas.captureStream(fps).getVideoTracks(), ...this.#mix.stream.getAudioTracks()];
      for (const track of tracks) this.#stream.addTrack(track);
      this.#recorder = new MediaRecorder(this.#stream, { mimeType, videoBitsPerSecond: videoBitrate, audioBitsPerSecond: audioBitrate });
      this.#follow(listener);
      this.#recorder.start(PIECE_MS);
    } catch (cause) {
      this.#close();
      throw cause;
    }
    this.#drawing = setInterval(() => this.#draw(), 1000 / fps);
  }

  /** Ends it; the last piece follows. */
  stop(): void {
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
  }

  #follow(listener: RecordingListener): void {
    // The last piece comes after `stop`, when the recorder is inactive.
    this.#recorder.addEventListener("dataavailable", ({ data }) => listener.data(data, this.#recorder.state === "inactive"));
    this.#recorder.addEventListener("error", () => listener.failed("The browser gave up recording."));
    this.#recorder.addEventListener("stop", () => this.#close());
  }

  #close(): void {
    clearInterval(this.#drawing);
    for (const player of this.#players.values()) player.srcObject = null;
    this.#players.clear();
    this.#inputs.clear();
    for (const track of this.#stream.getTracks()) track.stop();
    void this.#context.close();
  }

  #draw(): void {
    const { videos, audios } = this.#sources();
    this.#listen(audios);
    keepOnly(this.#players, videos, (player) => void (player.srcObject = null));
    const canvas = this.#canvas.getContext("2d");
    if (!canvas) return;
    canvas.fillStyle = "#000";
    canvas.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    const columns = Math.ceil(Math.sqrt(videos.length));
    const rows = Math.ceil(videos.length / Math.max(1, columns));
    const [width, height] = [this.#canvas.width / Math.max(1, columns), this.#canvas.height / Math.max(1, rows)];
    for (const [index, track] of videos.entries()) {
      const place = { x: (index % columns) * width, y: Math.floor(index / columns) * height, width, height };
      drawInto(canvas, this.#playerOf(track), place);
    }
  }

  #playerOf(track: MediaStreamTrack): HTMLVideoElement {
    const known = this.#players.get(track);
    if (known) return known;
    const player = document.createElement("video");
    player.muted = true;
    player.playsInline = true;
    player.srcObject = new MediaStream([track]);
    // A track that ends while it starts to play shows nothing, which is what there is.
    void player.play().catch(() => undefined);
    this.#players.set(track, player);
    return player;
  }

  #listen(audios: readonly MediaStreamTrack[]): void {
    keepOnly(this.#inputs, audios, (input) => input.disconnect());
    for (const track of audios) {
      if (this.#inputs.has(track)) continue;
      const input = this.#context.createMediaStreamSource(new MediaStream([track]));
      input.connect(this.#mix);
      this.#inputs.set(track, input);
    }
  }
}

function keepOnly<V>(kept: Map<MediaStreamTrack, V>, wanted: readonly MediaStreamTrack[], drop: (value: V) => void): void {
  for (const [track, value] of kept) {
    if (wanted.includes(track)) continue;
    drop(value);
    kept.delete(track);
  }
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The whole picture, as large as it fits. */
function drawInto(canvas: CanvasRenderingContext2D, player: HTMLVideoElement, place: Place): void {
  if (player.videoWidth === 0) return;
  const scale = Math.min(place.width / player.videoWidth, place.height / player.videoHeight);
  const [width, height] = [player.videoWidth * scale, player.videoHeight * scale];
  canvas.drawImage(player, place.x + (place.width - width) / 2, place.y + (place.height - height) / 2, width, height);
}
