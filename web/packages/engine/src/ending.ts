/** The ways out: leaving, failing, and what has to go with them. */
import { CAM_SOURCES, NOBODY, SOURCES } from "./engine.ts";
import { muteTimer } from "./event.ts";
import type { CallError } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Goes, by one's own wish. */
export function leave(turn: Turn): void {
  const { link, call } = turn.engine;
  if (link.step === "in" || (link.step === "entering" && link.isOpen)) {
    turn.run({ type: "send", socket: link.socket, message: { type: "leave" } });
  }
  tearDown(turn);
  turn.setCall({ phase: call.phase === "failed" ? "failed" : "left" });
}

/** The call ends with an error. */
export function fail(turn: Turn, error: CallError): void {
  tearDown(turn);
  turn.setCall({ phase: "failed", error });
}

/** Closes the peer connection, if there is one. */
export function closePeer(turn: Turn): void {
  const { peer, slots } = turn.engine;
  if (!peer) return;
  turn.stopTimer("ice");
  turn.stopTimer("offer");
  for (const mid of slots.keys()) turn.stopTimer(muteTimer(mid));
  turn.run({ type: "close-peer", peer: peer.id });
  turn.set({ peer: null, slots: new Map(), published: {} });
}

function tearDown(turn: Turn): void {
  const { link, call } = turn.engine;
  if ("socket" in link) turn.run({ type: "close-socket", socket: link.socket });
  for (const timer of ["join", "ping", "retry", "reconnect", "publish"] as const) turn.stopTimer(timer);
  closePeer(turn);
  releaseDevices(turn);
  turn.set({ link: { step: "none" }, self: null, others: new Map(), outbox: [], unansweredPings: 0 });
  turn.setCall({
    meeting: null,
    sessionData: {},
    local: { ...NOBODY, userName: call.local.userName },
    hidden: 0,
    activeSpeaker: null,
    cpuLoad: "low",
    network: { signalling: "idle", media: "idle", quality: "unknown" },
  });
}

function releaseDevices(turn: Turn): void {
  const media = { ...turn.engine.media };
  for (const source of SOURCES) {
    if (media[source].capture.step !== "none") turn.run({ type: "release", source });
    media[source] = { ...media[source], capture: { step: "none" } };
  }
  // What was chosen for this call does not bind the next.
  for (const source of CAM_SOURCES) media[source] = { wanted: true, by: "default", capture: { step: "none" } };
  turn.set({ media, isCapturing: false });
}
