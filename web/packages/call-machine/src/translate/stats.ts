/** Figures of the connection in daily-js's words; unknown ones are `null`. */
import { metricFigures, type CpuFigures, type DecoderFigures, type NetworkStats } from "@parlor/browser";

import type { Fields } from "../message.ts";

/** What `getNetworkStats` gives. */
export function statsFields(stats: NetworkStats | null): Fields {
  if (!stats) return { latest: {} };
  const { worst } = stats;
  return {
    latest: latestFields(stats),
    worstVideoRecvPacketLoss: worst.videoRecvLoss,
    worstVideoSendPacketLoss: worst.videoSendLoss,
    worstAudioRecvPacketLoss: worst.audioRecvLoss,
    worstAudioSendPacketLoss: worst.audioSendLoss,
    worstVideoRecvJitter: worst.videoRecvJitter,
    worstVideoSendJitter: worst.videoSendJitter,
    worstAudioRecvJitter: worst.audioRecvJitter,
    worstAudioSendJitter: worst.audioSendJitter,
    averageNetworkRoundTripTime: stats.averageRoundTripSecs,
  };
}

function latestFields(stats: NetworkStats): Fields {
  return {
    timestamp: stats.timestamp,
    ...metricFigures(stats),
    totalSendPacketLoss: stats.totalSendLoss,
    totalRecvPacketLoss: stats.totalRecvLoss,
    videoRecvJitter: stats.videoRecvJitter,
    videoSendJitter: stats.videoSendJitter,
    audioRecvJitter: stats.audioRecvJitter,
    audioSendJitter: stats.audioSendJitter,
  };
}

/** From where on a figure is a reason for a network that does not do well. */
const LIMITS = { loss: 0.03, roundTripSecs: 0.35, sendBps: 150_000 } as const;

/** Which figures make it so. */
export function reasonsOf(stats: NetworkStats | null): string[] {
  if (!stats) return [];
  const { totalSendLoss, totalRecvLoss, roundTripSecs, availableSendBps } = stats;
  return [
    ...((totalSendLoss ?? 0) >= LIMITS.loss ? ["sendPacketLoss"] : []),
    ...((totalRecvLoss ?? 0) >= LIMITS.loss ? ["recvPacketLoss"] : []),
    ...((roundTripSecs ?? 0) >= LIMITS.roundTripSecs ? ["roundTripTime"] : []),
    ...(availableSendBps !== null && availableSendBps < LIMITS.sendBps ? ["availableOutgoingBitrate"] : []),
  ];
}

/** What the processor does for pictures. Browsers tell nothing of schedules, and of pressure only where asked for. */
export function cpuFields(figures: CpuFigures | null): Fields {
  if (!figures) return {};
  const { decoders } = figures;
  const average = (value: (each: DecoderFigures) => number): number => (decoders.length === 0 ? 0 : decoders.reduce((sum, each) => sum + value(each), 0) / decoders.length);
  return {
    timestamp: figures.timestamp,
    scheduleDuration: 0,
    targetScheduleDuration: 0,
    frameEncodeTimeSec: figures.encodeSecs,
    targetEncodeFrameRate: figures.encodeFps,
    targetDecodeFrameRate: Math.max(0, ...decoders.map(({ fps }) => fps)),
    cpuUsageBasedOnTargetEncode: figures.encodeLoad,
    cpuUsageBasedOnGlobalDecode: decoders.reduce((sum, { load }) => sum + load, 0),
    cpuPressureState: null,
    avgFrameDecodeTimeSec: average(({ decodeSecs }) => decodeSecs),
    avgInterFrameDelayStandardDeviation: average(({ frameDelayDeviationSecs }) => frameDelayDeviationSecs),
    totalReceivedVideoTracks: decoders.length,
    cpuInboundVideoStats: decoders.map(decoderFields),
  };
}

function decoderFields({ trackId, ssrc, frameWidth, frameHeight, fps, decodeSecs, frameDelayDeviationSecs, load }: DecoderFigures): Fields {
  return {
    trackId,
    ssrc,
    frameWidth,
    frameHeight,
    fps,
    frameDecodeTimeSec: decodeSecs,
    interFrameDelayStandardDeviation: frameDelayDeviationSecs,
    cpuUsageBasedOnTargetDecode: load,
  };
}
