/** What one may send. */
import type { TrackSource } from "@parlor/protocol";

import type { Engine } from "./engine.ts";
import { grantOf } from "./source.ts";

/** Whether the room lets us send this; nobody hears whom nobody sees, but the echo of a check. Before joining, what the look-up said. */
export function isPermitted(engine: Engine, source: TrackSource): boolean {
  const permissions = engine.self?.permissions ?? engine.call.effective?.permissions;
  if (permissions?.hasPresence === false && engine.intent?.purpose !== "check") return false;
  const canSend = permissions?.canSend ?? true;
  return typeof canSend === "boolean" ? canSend : canSend.includes(grantOf(source));
}
