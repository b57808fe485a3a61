/**
 * Whether the computer keeps up: encoders say when it is the processor that
 * makes them send less, decoders show it by pictures dropped and by the time
 * that one takes.
 */
import type { LoadReason } from "@parlor/engine";

/** The fields of `RTCStats` that are read here. */
interface Stats {
  readonly id?: string;
  readonly type: string;
  readonly kind?: string;
  readonly qualityLimitationReason?: string;
  readonly framesDecoded?: number;
  readonly framesDropped?: number;
  readonly totalDecodeTime?: number;
}

/** The load in a word, and what makes it. */
export interface Load {
  readonly load: "low" | "high";
  readonly reason: LoadReason;
}

/** How many looks must agree. More spares people a notice for one slow moment; fewer tells them sooner. */
const LOOKS = 3;
/** A larger share of dropped pictures is no accident. */
const MAX_DROPPED = 0.2;
/** With fewer pictures between two looks a share says nothing. */
const MIN_FRAMES = 20;
/** Seconds for one picture that leave no time for the others at 30 pictures a second. */
const MAX_DECODE_SECS = 0.03;

interface Decoder {
  readonly decoded: number;
  readonly dropped: number;
  readonly secs: number;
}

/** Follows the load over several looks. */
export class CpuLoad {
  #state: Load = { load: "low", reason: "none" };
  #differing = 0;
  #decoders = new Map<string, Decoder>();

  /** Looks. */
  take(report: Iterable<Stats>): Load {
    const reason = this.#reasonOf([...report]);
    const load = reason === "none" ? "low" : "high";
    this.#differing = load === this.#state.load ? 0 : this.#differing + 1;
    if (this.#differing >= LOOKS) {
      this.#state = { load, reason };
      this.#differing = 0;
    }
    return this.#state;
  }

  #reasonOf(report: readonly Stats[]): LoadReason {
    const isSlow = this.#isDecodingSlow(report);
    const isLimited = report.some(({ type, kind, qualityLimitationReason }) => type === "outbound-rtp" && kind === "video" && qualityLimitationReason === "cpu");
    if (isLimited) return "encode";
    return isSlow ? "decode" : "none";
  }

  #isDecodingSlow(report: readonly Stats[]): boolean {
    const before = this.#decoders;
    this.#decoders = new Map(report.flatMap((stats) => (stats.type === "inbound-rtp" && stats.kind === "video" ? [[stats.id ?? "", decoderOf(stats)]] : [])));
    let [decoded, dropped, secs] = [0, 0, 0];
    for (const [id, now] of this.#decoders) {
      const was = before.get(id);
      if (!was) continue;
      decoded += Math.max(0, now.decoded - was.decoded);
      dropped += Math.max(0, now.dropped - was.dropped);
      secs += Math.max(0, now.secs - was.secs);
    }
    if (decoded + dropped < MIN_FRAMES) return false;
    return dropped / (decoded + dropped) > MAX_DROPPED || secs / Math.max(1, decoded) > MAX_DECODE_SECS;
  }
}

function decoderOf({ framesDecoded = 0, framesDropped = 0, totalDecodeTime = 0 }: Stats): Decoder {
  return { decoded: framesDecoded, dropped: framesDropped, secs: totalDecodeTime };
}
