/** The ways through the network that a connection may try. */
import type { IceServer } from "@parlor/engine";

import type { IceConfig } from "./call.ts";

/** Of the server's own ways and those that the application gave. */
export function configurationOf(own: readonly IceServer[], { iceServers = [], placement = "front", iceTransportPolicy }: IceConfig): RTCConfiguration {
  const given = [...iceServers];
  const ours: RTCIceServer[] = own.map(({ urls, username, credential }) => (username === "" ? { urls } : { urls, username, credential }));
  const servers = { front: [...given, ...ours], back: [...ours, ...given], replace: given };
  return { iceServers: servers[placement], ...(iceTransportPolicy === undefined ? {} : { iceTransportPolicy }) };
}
