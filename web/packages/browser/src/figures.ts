/** Figures of the connection, in our words and in those of daily-js, whose names are also the report's. */
import type { CallMetrics } from "@parlor/protocol";

/** Figures of the last seconds. `null`: not known. Loss is a fraction, jitter and round trip are seconds. */
export interface LatestFigures {
  readonly timestamp: number;
  readonly sendBps: number | null;
  readonly recvBps: number | null;
  readonly videoSendBps: number | null;
  readonly videoRecvBps: number | null;
  readonly audioSendBps: number | null;
  readonly audioRecvBps: number | null;
  readonly videoSendLoss: number | null;
  readonly videoRecvLoss: number | null;
  readonly audioSendLoss: number | null;
  readonly audioRecvLoss: number | null;
  /** Of all media together. */
  readonly totalSendLoss: number | null;
  readonly totalRecvLoss: number | null;
  /** As the room tells it of what it gets. */
  readonly videoSendJitter: number | null;
  readonly audioSendJitter: number | null;
  readonly videoRecvJitter: number | null;
  readonly audioRecvJitter: number | null;
  readonly roundTripSecs: number | null;
  readonly availableSendBps: number | null;
}

/** The figures whose worst is kept. */
export const WORST_KEYS = [
  "videoRecvLoss",
  "videoSendLoss",
  "audioRecvLoss",
  "audioSendLoss",
  "videoRecvJitter",
  "videoSendJitter",
  "audioRecvJitter",
  "audioSendJitter",
] as const;

/** The worst of the whole call. */
export type WorstFigures = Readonly<Record<(typeof WORST_KEYS)[number], number | null>>;

/** The newest figures, and what the whole call was like. */
export interface NetworkStats extends LatestFigures {
  readonly worst: WorstFigures;
  readonly averageRoundTripSecs: number | null;
}

type MetricName = Exclude<keyof CallMetrics, "time">;

/** The figures that are reported, under the report's names, which are those of daily-js. */
export function metricFigures(stats: LatestFigures): Readonly<Record<MetricName, number | null>> {
  return {
    recvBitsPerSecond: stats.recvBps,
    sendBitsPerSecond: stats.sendBps,
    availableOutgoingBitrate: stats.availableSendBps,
    networkRoundTripTime: stats.roundTripSecs,
    videoRecvBitsPerSecond: stats.videoRecvBps,
    videoSendBitsPerSecond: stats.videoSendBps,
    audioRecvBitsPerSecond: stats.audioRecvBps,
    audioSendBitsPerSecond: stats.audioSendBps,
    videoRecvPacketLoss: stats.videoRecvLoss,
    videoSendPacketLoss: stats.videoSendLoss,
    audioRecvPacketLoss: stats.audioRecvLoss,
    audioSendPacketLoss: stats.audioSendLoss,
  };
}
