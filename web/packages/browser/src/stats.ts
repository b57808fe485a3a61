/** Figures of the connection, from two looks at the browser's counters. */
import { WORST_KEYS, type LatestFigures, type NetworkStats, type WorstFigures } from "./figures.ts";

/** Counters that only grow, summed by kind, and what is measured at once. */
interface Counters {
  readonly timestamp: number;
  readonly bytes: Readonly<Record<Lane, number>>;
  readonly packets: Readonly<Record<Lane, number>>;
  readonly lost: Readonly<Record<Lane, number>>;
  readonly jitter: Readonly<Record<Lane, number | null>>;
  readonly roundTripSecs: number | null;
  readonly availableSendBps: number | null;
}

type Lane = "audio-send" | "audio-recv" | "video-send" | "video-recv";

/** The fields of `RTCStats` that are read here. */
interface Stats {
  readonly type: string;
  readonly timestamp: number;
  readonly kind?: "audio" | "video";
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly packetsSent?: number;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly jitter?: number;
  readonly currentRoundTripTime?: number;
  readonly availableOutgoingBitrate?: number;
  readonly nominated?: boolean;
}

const LANES: readonly Lane[] = ["audio-send", "audio-recv", "video-send", "video-recv"];

function perLane<T>(value: T): Record<Lane, T> {
  return { "audio-send": value, "audio-recv": value, "video-send": value, "video-recv": value };
}

/** Reads the counters out of a report. */
export function readCounters(report: Iterable<Stats>): Counters {
  const [bytes, packets, lost] = [perLane(0), perLane(0), perLane(0)];
  const jitter = perLane<number | null>(null);
  let timestamp = 0;
  let roundTripSecs: number | null = null;
  let availableSendBps: number | null = null;
  for (const stats of report) {
    const lane = laneOf(stats);
    if (lane) {
      bytes[lane] += stats.bytesSent ?? stats.bytesReceived ?? 0;
      packets[lane] += stats.packetsSent ?? (stats.type === "inbound-rtp" ? (stats.packetsReceived ?? 0) : 0);
      lost[lane] += stats.packetsLost ?? 0;
      if (stats.jitter !== undefined) jitter[lane] = Math.max(jitter[lane] ?? 0, stats.jitter);
    }
    if (stats.type === "candidate-pair" && stats.nominated === true) {
      timestamp = stats.timestamp;
      roundTripSecs = stats.currentRoundTripTime ?? null;
      availableSendBps = stats.availableOutgoingBitrate ?? null;
    }
  }
  return { timestamp, bytes, packets, lost, jitter, roundTripSecs, availableSendBps };
}

function laneOf({ type, kind }: Stats): Lane | null {
  if (kind === undefined) return null;
  if (type === "outbound-rtp" || type === "remote-inbound-rtp") return `${kind}-send`;
  return type === "inbound-rtp" ? `${kind}-recv` : null;
}

/** What happened between two looks. */
export function compareCounters(before: Counters, after: Counters): LatestFigures {
  const secs = (after.timestamp - before.timestamp) / 1000;
  const bps = (lane: Lane): number | null => (secs > 0 ? Math.max(0, ((after.bytes[lane] - before.bytes[lane]) * 8) / secs) : null);
  const loss = (...lanes: readonly Lane[]): number | null => {
    let [all, gone] = [0, 0];
    for (const lane of lanes) {
      const lost = Math.max(0, after.lost[lane] - before.lost[lane]);
      const passed = after.packets[lane] - before.packets[lane];
      all += lane.endsWith("recv") ? passed + lost : passed;
      gone += lost;
    }
    return all > 0 ? Math.min(1, gone / all) : null;
  };
  const sum = (lanes: readonly Lane[]): number | null => (secs > 0 ? lanes.reduce((total, lane) => total + (bps(lane) ?? 0), 0) : null);
  return {
    timestamp: after.timestamp,
    sendBps: sum(LANES.filter((lane) => lane.endsWith("send"))),
    recvBps: sum(LANES.filter((lane) => lane.endsWith("recv"))),
    videoSendBps: bps("video-send"),
    videoRecvBps: bps("video-recv"),
    audioSendBps: bps("audio-send"),
    audioRecvBps: bps("audio-recv"),
    videoSendLoss: loss("video-send"),
    videoRecvLoss: loss("video-recv"),
    audioSendLoss: loss("audio-send"),
    audioRecvLoss: loss("audio-recv"),
    totalSendLoss: loss("audio-send", "video-send"),
    totalRecvLoss: loss("audio-recv", "video-recv"),
    videoSendJitter: after.jitter["video-send"],
    audioSendJitter: after.jitter["audio-send"],
    videoRecvJitter: after.jitter["video-recv"],
    audioRecvJitter: after.jitter["audio-recv"],
    roundTripSecs: after.roundTripSecs,
    availableSendBps: after.availableSendBps,
  };
}

/** Loss (a fraction) and round trip (seconds) from which a call suffers. */
const WEAK = { loss: 0.03, roundTripSecs: 0.35 };
const POOR = { loss: 0.1, roundTripSecs: 0.8 };

/** How good that is, in a word. */
export function qualityOf(stats: LatestFigures): "good" | "weak" | "poor" {
  const losses = [stats.audioRecvLoss, stats.audioSendLoss, stats.videoRecvLoss, stats.videoSendLoss];
  const loss = Math.max(0, ...losses.map((value) => value ?? 0));
  const roundTripSecs = stats.roundTripSecs ?? 0;
  if (loss >= POOR.loss || roundTripSecs >= POOR.roundTripSecs) return "poor";
  return loss >= WEAK.loss || roundTripSecs >= WEAK.roundTripSecs ? "weak" : "good";
}

const NOTHING_WORST = Object.fromEntries(WORST_KEYS.map((key) => [key, null])) as WorstFigures;

function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Looks at a connection's counters at intervals. */
export class StatsSampler {
  #before: Counters | null = null;
  #latest: NetworkStats | null = null;
  #worst: WorstFigures = NOTHING_WORST;
  #roundTrips = { sum: 0, count: 0 };

  /** The newest figures; `null` until there were two looks. */
  get latest(): NetworkStats | null {
    return this.#latest;
  }

  /** Looks. */
  take(report: Iterable<Stats>): NetworkStats | null {
    const counters = readCounters(report);
    if (this.#before && counters.timestamp > this.#before.timestamp) this.#keep(compareCounters(this.#before, counters));
    this.#before = counters;
    return this.#latest;
  }

  /** Another connection counts anew; what the call was like so far stays. */
  resume(): void {
    this.#before = null;
    this.#latest = null;
  }

  /** Another call. */
  reset(): void {
    this.resume();
    this.#worst = NOTHING_WORST;
    this.#roundTrips = { sum: 0, count: 0 };
  }

  #keep(figures: LatestFigures): void {
    const worst: Record<string, number | null> = {};
    for (const key of WORST_KEYS) worst[key] = larger(this.#worst[key], figures[key]);
    this.#worst = worst as WorstFigures;
    const { sum, count } = this.#roundTrips;
    if (figures.roundTripSecs !== null) this.#roundTrips = { sum: sum + figures.roundTripSecs, count: count + 1 };
    const roundTrips = this.#roundTrips;
    this.#latest = { ...figures, worst: this.#worst, averageRoundTripSecs: roundTrips.count === 0 ? null : roundTrips.sum / roundTrips.count };
  }
}
