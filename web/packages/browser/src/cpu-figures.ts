/** What encoding and decoding pictures costs, from two looks at the browser's counters. */

/** The fields of `RTCStats` that are read here. */
interface Stats {
  readonly id?: string;
  readonly type: string;
  readonly kind?: string;
  readonly timestamp: number;
  readonly ssrc?: number;
  readonly trackIdentifier?: string;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
  readonly framesPerSecond?: number;
  readonly framesEncoded?: number;
  readonly totalEncodeTime?: number;
  readonly framesDecoded?: number;
  readonly totalDecodeTime?: number;
  readonly totalInterFrameDelay?: number;
  readonly totalSquaredInterFrameDelay?: number;
}

/** One received picture. Times are seconds for each frame. */
export interface DecoderFigures {
  readonly trackId: string;
  readonly ssrc: number;
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly fps: number;
  readonly decodeSecs: number;
  /** How unevenly frames come. */
  readonly frameDelayDeviationSecs: number;
  /** The share of a second that decoding it at its rate takes. */
  readonly load: number;
}

/** All pictures. */
export interface CpuFigures {
  readonly timestamp: number;
  /** Seconds for each encoded frame, all encodings together. */
  readonly encodeSecs: number;
  readonly encodeFps: number;
  /** The share of a second that encoding takes. */
  readonly encodeLoad: number;
  readonly decoders: readonly DecoderFigures[];
}

type Counters = ReadonlyMap<string, Stats>;

/** Keeps the look before, so that figures are of now. */
export class CpuFigureSampler {
  #before: Counters = new Map();
  #latest: CpuFigures | null = null;

  /** The newest figures; `null` until there were two looks. */
  get latest(): CpuFigures | null {
    return this.#latest;
  }

  /** Looks. */
  take(report: Iterable<Stats>): void {
    const videos = [...report].filter(({ type, kind }) => kind === "video" && (type === "inbound-rtp" || type === "outbound-rtp"));
    const after = new Map(videos.map((stats) => [stats.id ?? "", stats]));
    if (this.#before.size > 0) this.#latest = figuresOf(this.#before, after);
    this.#before = after;
  }
}

function figuresOf(before: Counters, after: Counters): CpuFigures {
  const pairs = [...after].flatMap(([id, now]) => {
    const was = before.get(id);
    return was ? [{ was, now }] : [];
  });
  const encoders = pairs.filter(({ now }) => now.type === "outbound-rtp");
  const frames = sum(encoders.map((pair) => grown(pair, "framesEncoded")));
  const secs = sum(encoders.map((pair) => grown(pair, "totalEncodeTime")));
  const span = Math.max(0, ...encoders.map(({ was, now }) => (now.timestamp - was.timestamp) / 1000));
  return {
    timestamp: Math.max(0, ...[...after.values()].map(({ timestamp }) => timestamp)),
    encodeSecs: frames > 0 ? secs / frames : 0,
    encodeFps: Math.max(0, ...encoders.map(({ now }) => now.framesPerSecond ?? 0)),
    encodeLoad: span > 0 ? secs / span : 0,
    decoders: pairs.filter(({ now }) => now.type === "inbound-rtp").map(decoderOf),
  };
}

interface Pair {
  readonly was: Stats;
  readonly now: Stats;
}

function decoderOf(pair: Pair): DecoderFigures {
  const { now } = pair;
  const frames = grown(pair, "framesDecoded");
  const decodeSecs = frames > 0 ? grown(pair, "totalDecodeTime") / frames : 0;
  const fps = now.framesPerSecond ?? 0;
  return {
    trackId: now.trackIdentifier ?? "",
    ssrc: now.ssrc ?? 0,
    frameWidth: now.frameWidth ?? 0,
    frameHeight: now.frameHeight ?? 0,
    fps,
    decodeSecs,
    frameDelayDeviationSecs: deviation(frames, grown(pair, "totalInterFrameDelay"), grown(pair, "totalSquaredInterFrameDelay")),
    load: decodeSecs * fps,
  };
}

/** Of `count` values, from their sum and that of their squares. */
function deviation(count: number, total: number, squares: number): number {
  return count > 0 ? Math.sqrt(Math.max(0, squares / count - (total / count) ** 2)) : 0;
}

type Counter = "framesEncoded" | "totalEncodeTime" | "framesDecoded" | "totalDecodeTime" | "totalInterFrameDelay" | "totalSquaredInterFrameDelay";

function grown({ was, now }: Pair, counter: Counter): number {
  return Math.max(0, (now[counter] ?? 0) - (was[counter] ?? 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
