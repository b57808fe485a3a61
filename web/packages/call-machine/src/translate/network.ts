/** Connections, and how well they and the processor do. */
import type { CallState, NetworkStats } from "@parlor/browser";

import type { Fields } from "../message.ts";
import { QUALITY_STATES, THRESHOLDS } from "../participant.ts";
import type { Outgoing } from "./outgoing.ts";
import { reasonsOf, statsFields } from "./stats.ts";

/** What changed of the connections and the load. */
export function networkEvents(before: CallState, after: CallState): Outgoing[] {
  const events: Outgoing[] = [];
  const { signalling, media } = after.network;
  if (signalling !== before.network.signalling && signalling !== "idle") {
    events.push({ action: "network-connection", fields: { type: "signaling", event: signalling } });
  }
  if (media !== before.network.media && (media === "connected" || media === "interrupted")) {
    events.push({ action: "network-connection", fields: { type: "sfu", event: media, session_id: after.local.id } });
  }
  if (after.cpuLoad !== before.cpuLoad || after.cpuLoadReason !== before.cpuLoadReason) {
    events.push({ action: "cpu-load-change", fields: loadFields(after) });
  }
  return events;
}

/** How busy the processor is, and with what. */
export function loadFields({ cpuLoad, cpuLoadReason }: CallState): Fields {
  return { cpuLoadState: cpuLoad, cpuLoadStateReason: cpuLoadReason };
}

const PERCENT = { good: 100, weak: 60, poor: 20, unknown: 100 } as const;

/** How well the network does. Clients from 0.79 fail without `state`. */
export function qualityFields({ network }: CallState, stats: NetworkStats | null): Fields {
  const { quality } = network;
  return {
    threshold: THRESHOLDS[quality],
    quality: PERCENT[quality],
    state: { state: QUALITY_STATES[quality], reasons: quality === "good" || quality === "unknown" ? [] : reasonsOf(stats) },
    stats: statsFields(stats),
  };
}
