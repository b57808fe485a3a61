/** The ways out: leaving, failing, and what has to go with them. */
import { NOBODY, NOTHING_TOLD } from "./engine.ts";
import { muteTimer } from "./event.ts";
import { CAM_SOURCES, SOURCES } from "./source.ts";
import type { CallError, CallState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Goes, by one's own wish. */
export function leave(turn: Turn): void {
  const { link, call } = turn.engine;
  if (link.step === "in" || (link.step === "entering" && link.isOpen)) {
    turn.run({ type: "send", socket: link.socket, message: { type: "leave" } });
  }
  tearDown(turn, "unknown");
  turn.setCall({ phase: call.phase === "failed" ? "failed" : "left" });
}

/** The call ends with an error. */
export function fail(turn: Turn, error: CallError): void {
  const isDenied = error.reason !== "removed" && error.reason !== "connection-error";
  tearDown(turn, isDenied ? "none" : "unknown");
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
  turn.set({ peer: null, slots: new Map(), published: {}, deliveries: new Map() });
}

function tearDown(turn: Turn, access: CallState["access"]): void {
  const { link, call } = turn.engine;
  if (call.lobby?.askedAt) turn.emit({ type: "knock-answered", granted: false });
  if ("socket" in link) turn.run({ type: "close-socket", socket: link.socket });
  for (const timer of ["join", "ping", "retry", "reconnect", "publish", "wishes"] as const) turn.stopTimer(timer);
  closePeer(turn);
  releaseDevices(turn);
  turn.set({ link: { step: "none" }, self: null, others: new Map(), outbox: [], unansweredPings: 0, told: NOTHING_TOLD, isRecording: false, telling: "free", pass: null });
  turn.setCall({
    access,
    lobby: null,
    waiting: new Map(),
    meeting: null,
    sessionData: {},
    local: { ...NOBODY, userName: call.local.userName },
    hidden: 0,
    activeSpeaker: null,
    cpuLoad: "low",
    cpuLoadReason: "none",
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
  for (const source of turn.engine.custom.keys()) turn.run({ type: "release", source });
  turn.set({ media, custom: new Map(), isCapturing: false });
}
