/** Questions about the connection, and the ways that it may take. */
import type { Actions } from "../actions.ts";
import { iceConfigOf } from "../ice-config.ts";
import { recordOf, stringOf } from "../message.ts";
import { loadFields } from "../translate/network.ts";
import { cpuFields, statsFields } from "../translate/stats.ts";

export const networkActions: Actions = {
  "get-network-topology": () => ({ topology: "sfu" }),

  "set-network-topology": (_machine, fields) => {
    const { topology } = recordOf(fields["opts"]);
    return topology === "sfu" ? { workerId: "sfu" } : { error: "This server has no calls from peer to peer: the topology is always 'sfu'." };
  },

  "get-calc-stats": async (machine) => ({ stats: statsFields(await machine.call.networkStats()) }),
  "get-cpu-load-stats": (machine) => ({ cpuStats: { ...loadFields(machine.call.state), stats: { latest: cpuFields(machine.call.cpuFigures()) } } }),

  "set-proxy-url": (machine, { proxyUrl }) => machine.call.setProxyUrl(stringOf(proxyUrl) ?? null),
  "set-ice-config": (machine, { iceConfig }) => machine.call.setIceConfig(iceConfigOf(iceConfig)),
};
