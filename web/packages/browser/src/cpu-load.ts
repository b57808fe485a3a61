/**
 * Whether the computer keeps up with encoding, as the browser's encoders tell:
 * they say when it is the processor that makes them send less.
 */

/** The fields of `RTCStats` that are read here. */
interface Stats {
  readonly type: string;
  readonly kind?: string;
  readonly qualityLimitationReason?: string;
}

/** How many looks must agree. More spares people a notice for one slow moment; fewer tells them sooner. */
const LOOKS = 3;

/** Follows the load over several looks. */
export class CpuLoad {
  #load: "low" | "high" = "low";
  #differing = 0;

  /** Looks. */
  take(report: Iterable<Stats>): "low" | "high" {
    const seen = isLimited(report) ? "high" : "low";
    this.#differing = seen === this.#load ? 0 : this.#differing + 1;
    if (this.#differing >= LOOKS) {
      this.#load = seen;
      this.#differing = 0;
    }
    return this.#load;
  }
}

function isLimited(report: Iterable<Stats>): boolean {
  for (const { type, kind, qualityLimitationReason } of report) {
    if (type === "outbound-rtp" && kind === "video" && qualityLimitationReason === "cpu") return true;
  }
  return false;
}
