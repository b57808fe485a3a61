/** The ways through the network that an application sets. */
import type { IceConfig } from "@parlor/browser";

import { isRecord, recordOf } from "./message.ts";

const PLACEMENTS = ["front", "back", "replace"] as const;
const POLICIES = ["all", "relay"] as const;

/** `iceConfig` as the call takes it; nothing in it: the server's own ways. */
export function iceConfigOf(value: unknown): IceConfig {
  const { iceServers, placement, iceTransportPolicy } = recordOf(value);
  const place = PLACEMENTS.find((known) => known === placement);
  const policy = POLICIES.find((known) => known === iceTransportPolicy);
  const servers = Array.isArray(iceServers) ? iceServers.filter(isRecord).filter(({ urls }) => urls !== undefined) : undefined;
  return {
    ...(servers ? { iceServers: servers as unknown as RTCIceServer[] } : {}),
    ...(place ? { placement: place } : {}),
    ...(policy ? { iceTransportPolicy: policy } : {}),
  };
}
