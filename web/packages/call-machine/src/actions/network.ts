/** Questions about the connection. */
import { metricFigures, type NetworkStats } from "@parlor/browser";

import type { Actions } from "../actions.ts";
import type { Fields } from "../message.ts";
import { loadFields } from "../translate.ts";

/** Questions that the connection answers. */
export const networkActions: Actions = {
  "get-network-topology": () => ({ topology: "sfu" }),
  "get-calc-stats": async (machine) => ({ stats: statsFields(await machine.call.networkStats()) }),
  "get-cpu-load-stats": (machine) => ({ cpuStats: { ...loadFields(machine.call.state), stats: { latest: {} } } }),
};

/** Figures in daily-js's words; unknown ones are `null`. */
export function statsFields(stats: NetworkStats | null): Fields {
  if (!stats) return { latest: {} };
  const { worst } = stats;
  return {
    latest: {
      timestamp: stats.timestamp,
      ...metricFigures(stats),
      videoRecvJitter: stats.videoRecvJitter,
      videoSendJitter: stats.videoSendJitter,
      audioRecvJitter: stats.audioRecvJitter,
      audioSendJitter: stats.audioSendJitter,
      totalSendPacketLoss: stats.totalSendLoss,
      totalRecvPacketLoss: stats.totalRecvLoss,
    },
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
