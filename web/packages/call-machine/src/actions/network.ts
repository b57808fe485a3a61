/** Questions about the connection. */
import type { NetworkStats } from "@parlor/browser";

import type { Actions } from "../actions.ts";
import type { Fields } from "../message.ts";
import { loadFields } from "../translate.ts";

/** The worst of the call so far is the latest until more is kept. */
export const networkActions: Actions = {
  "get-network-topology": () => ({ topology: "sfu" }),
  "get-calc-stats": async (machine) => ({ stats: statsFields(await machine.call.networkStats()) }),
  "get-cpu-load-stats": (machine) => ({ cpuStats: { ...loadFields(machine.call.state), stats: { latest: {} } } }),
};

/** Figures in daily-js's words; unknown ones are `null`. */
export function statsFields(stats: NetworkStats | null): Fields {
  if (!stats) return { latest: {} };
  return {
    latest: {
      timestamp: stats.timestamp,
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
      videoRecvJitter: stats.videoRecvJitter,
      audioRecvJitter: stats.audioRecvJitter,
      videoSendJitter: null,
      audioSendJitter: null,
      totalSendPacketLoss: worst(stats.videoSendLoss, stats.audioSendLoss),
      totalRecvPacketLoss: worst(stats.videoRecvLoss, stats.audioRecvLoss),
    },
    worstVideoRecvPacketLoss: stats.videoRecvLoss,
    worstVideoSendPacketLoss: stats.videoSendLoss,
    worstAudioRecvPacketLoss: stats.audioRecvLoss,
    worstAudioSendPacketLoss: stats.audioSendLoss,
    worstVideoRecvJitter: stats.videoRecvJitter,
    worstAudioRecvJitter: stats.audioRecvJitter,
    worstVideoSendJitter: null,
    worstAudioSendJitter: null,
    averageNetworkRoundTripTime: stats.roundTripSecs,
  };
}

function worst(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
