/** The peer connection: offers, slots, and coming back after a loss. */
import type { ClientMessage, SendTransceiver, TrackSource } from "@parlor/protocol";

import { fail } from "./ending.ts";
import { localTrackOf, sourcesOf, type Engine, type Peer, type Slot } from "./engine.ts";
import { isCam, isMain, kindOf } from "./source.ts";
import type { Turn } from "./turn.ts";

/**
 * Slots of the first offer. More spare a renegotiation in larger calls; fewer
 * keep the first offer short.
 */
const FIRST_SLOTS = { audio: 2, video: 2 };
/** How long a disconnected transport may recover by itself. */
const DISCONNECTED_MS = 2_000;
/** How long an ICE restart may take before the next. */
const RESTART_MS = 5_000;
/** ICE restarts before giving up. */
const MAX_RESTARTS = 4;
/** Pauses before an offer that the room rejected is made anew; after the last one it is not. */
const REJECTED_MS = [500, 1_000, 2_000, 4_000] as const;

/** A new peer connection with its first offer. */
export function openPeer(turn: Turn): void {
  const peer = turn.takeId();
  const senders = sourcesOf(turn.engine).filter((source) => isCam(source) || trackToSend(turn.engine, source) !== null);
  turn.set({
    peer: {
      id: peer,
      slotsWanted: FIRST_SLOTS,
      negotiation: "offering",
      next: "none",
      offered: "offer",
      rejections: 0,
      heldOffer: null,
      transport: "connecting",
      restarts: 0,
      senders,
      attached: {},
    },
    slots: new Map(),
  });
  turn.run({ type: "create-peer", peer, senders, audioSlots: FIRST_SLOTS.audio, videoSlots: FIRST_SLOTS.video, iceServers: turn.engine.iceServers });
  attachTracks(turn);
  turn.run({ type: "create-offer", peer, restartIce: false });
  setTransport(turn, "connecting");
}

/** A muted microphone stays attached, so that unmuting is instant. */
function trackToSend(engine: Engine, source: TrackSource): string | null {
  const { capture, wanted } = localTrackOf(engine, source);
  return capture.step === "live" && (wanted || source === "cam-audio") ? capture.trackId : null;
}

/** Makes each sender carry the source's present track, adding senders as needed. */
export function attachTracks(turn: Turn): void {
  const senders = turn.engine.peer?.senders ?? [];
  for (const source of new Set([...sourcesOf(turn.engine), ...senders])) {
    const { peer } = turn.engine;
    if (!peer) return;
    const trackId = trackToSend(turn.engine, source);
    if ((peer.attached[source] ?? null) === trackId) continue;
    if (!peer.senders.includes(source)) addSender(turn, source);
    setPeer(turn, { attached: { ...turn.engine.peer?.attached, [source]: trackId } });
    turn.run({ type: "attach", peer: peer.id, source, trackId });
  }
}

function addSender(turn: Turn, source: TrackSource): void {
  const { peer } = turn.engine;
  if (!peer) return;
  const idle = idleSender(turn.engine, peer, source);
  if (idle === undefined) {
    setPeer(turn, { senders: [...peer.senders, source] });
    turn.run({ type: "add-sender", peer: peer.id, source });
  } else {
    setPeer(turn, { senders: peer.senders.map((each) => (each === idle ? source : each)) });
    turn.run({ type: "rename-sender", peer: peer.id, from: idle, to: source });
  }
  // The offer says what each sender carries.
  negotiate(turn, "offer");
}

/** The sender of a custom track that is sent no longer: else each new tag would make the descriptions longer. */
function idleSender({ custom }: Engine, peer: Peer, source: TrackSource): TrackSource | undefined {
  if (isMain(source)) return undefined;
  return peer.senders.find((each) => !isMain(each) && !custom.has(each) && kindOf(each) === kindOf(source));
}

/** The room needs more slots. */
export function handleSlotsWanted(turn: Turn, audio: number, video: number): void {
  const { peer } = turn.engine;
  if (!peer) return;
  const wanted = { audio: Math.max(audio, peer.slotsWanted.audio), video: Math.max(video, peer.slotsWanted.video) };
  if (wanted.audio === peer.slotsWanted.audio && wanted.video === peer.slotsWanted.video) return;
  setPeer(turn, { slotsWanted: wanted });
  turn.run({ type: "add-slots", peer: peer.id, audio: wanted.audio, video: wanted.video });
  negotiate(turn, "offer");
}

/** Offers now, or once the running negotiation is through. */
export function negotiate(turn: Turn, what: "offer" | "restart"): void {
  const { peer } = turn.engine;
  if (!peer) return;
  if (peer.negotiation !== "idle") {
    setPeer(turn, { next: peer.next === "restart" ? "restart" : what });
    return;
  }
  setPeer(turn, { negotiation: "offering", next: "none", offered: what });
  turn.run({ type: "create-offer", peer: peer.id, restartIce: what === "restart" });
}

/** Looks for new ways through the network. */
export function restartMedia(turn: Turn): void {
  if (turn.engine.link.step === "in") negotiate(turn, "restart");
}

/** Somebody receives these encodings, or nobody any. */
export function handleLayersWanted(turn: Turn, source: TrackSource, rids: readonly string[]): void {
  const { peer } = turn.engine;
  if (peer?.senders.includes(source)) turn.run({ type: "set-layers", peer: peer.id, source, rids });
}

/** The shell made an offer: to the room with it, as soon as there is a socket. */
export function handleOfferCreated(
  turn: Turn,
  id: number,
  sdp: string,
  sends: readonly SendTransceiver[],
  slots: readonly { readonly mid: string; readonly trackId: string }[],
): void {
  const { peer, link } = turn.engine;
  if (peer?.id !== id) return;
  turn.set({ slots: withNewSlots(turn.engine.slots, slots) });
  const offer: ClientMessage = { type: "offer", sdp, sends: [...sends], slots: slots.map(({ mid }) => mid) };
  if (link.step === "in" || (link.step === "entering" && link.isOpen)) {
    setPeer(turn, { negotiation: "answering" });
    turn.run({ type: "send", socket: link.socket, message: offer });
  } else {
    setPeer(turn, { negotiation: "answering", heldOffer: offer });
  }
}

function withNewSlots(known: ReadonlyMap<string, Slot>, slots: readonly { readonly mid: string; readonly trackId: string }[]): Map<string, Slot> {
  return new Map(slots.map(({ mid, trackId }) => [mid, { track: null, media: "waiting", ...known.get(mid), mid, trackId }]));
}

/** The offer that waited for the socket goes out on it. */
export function sendHeldOffer(turn: Turn, socket: number): void {
  const { peer } = turn.engine;
  if (!peer?.heldOffer) return;
  turn.run({ type: "send", socket, message: peer.heldOffer });
  setPeer(turn, { heldOffer: null });
}

/** The room's answer. */
export function handleAnswer(turn: Turn, sdp: string): void {
  const { peer } = turn.engine;
  if (peer?.negotiation !== "answering") return;
  turn.run({ type: "apply-answer", peer: peer.id, sdp });
  setPeer(turn, { negotiation: "idle", rejections: 0 });
  if (peer.next !== "none") negotiate(turn, peer.next);
}

/** The room took no notice of the last offer: what it asked for is asked for again after a pause. */
export function handleOfferRejected(turn: Turn, info: string): void {
  const { peer } = turn.engine;
  if (peer?.negotiation !== "answering") return;
  const pause = REJECTED_MS[peer.rejections];
  if (pause !== undefined) {
    setPeer(turn, { negotiation: "pausing", rejections: peer.rejections + 1 });
    turn.startTimer("offer", pause);
  } else if (peer.transport === "connected") {
    // What flowed goes on; the next change is offered together with this one.
    setPeer(turn, { negotiation: "idle", next: "none" });
  } else {
    fail(turn, { reason: "connection-error", info, during: "rtc-connection" });
  }
}

/** The pause after a rejected offer is over. */
export function handleOfferTimer(turn: Turn): void {
  const { peer } = turn.engine;
  if (peer?.negotiation !== "pausing") return;
  setPeer(turn, { negotiation: "idle" });
  negotiate(turn, peer.next === "restart" || peer.transport === "interrupted" ? "restart" : "offer");
}

/** After a resume: what was under way is asked for again, and media revived. */
export function resumePeer(turn: Turn): void {
  const { peer } = turn.engine;
  if (!peer) return;
  const isStuck = peer.negotiation === "answering";
  if (isStuck) setPeer(turn, { negotiation: "idle", heldOffer: null, next: "none" });
  if (peer.transport === "interrupted" || (isStuck && peer.offered === "restart")) negotiate(turn, "restart");
  else if (isStuck) negotiate(turn, peer.next === "none" ? "offer" : peer.next);
}

/** Offer or answer did not work: without them there is no call. */
export function handleNegotiationFailure(turn: Turn, id: number, info: string): void {
  if (turn.engine.peer?.id !== id) return;
  fail(turn, { reason: "connection-error", info, during: "rtc-connection" });
}

/** The transport changed. */
export function handlePeerState(turn: Turn, id: number, state: "connecting" | "connected" | "disconnected" | "failed"): void {
  if (turn.engine.peer?.id !== id) return;
  switch (state) {
    case "connecting":
      break;
    case "connected":
      turn.stopTimer("ice");
      setPeer(turn, { restarts: 0 });
      setTransport(turn, "connected");
      break;
    case "disconnected":
      setTransport(turn, "interrupted");
      turn.startTimer("ice", DISCONNECTED_MS);
      break;
    case "failed":
      setTransport(turn, "interrupted");
      restartIce(turn);
      break;
    default:
      state satisfies never;
  }
}

/** The transport had its time to recover. */
export function handleIceTimer(turn: Turn): void {
  if (turn.engine.peer?.transport === "interrupted") restartIce(turn);
}

function restartIce(turn: Turn): void {
  const { peer, link } = turn.engine;
  // Without a socket there is nobody to offer to; the resume asks again.
  if (!peer || link.step !== "in") return;
  if (peer.restarts >= MAX_RESTARTS) {
    fail(turn, { reason: "connection-error", info: "The network does not let media through.", during: "rtc-connection" });
    return;
  }
  setPeer(turn, { restarts: peer.restarts + 1 });
  turn.startTimer("ice", RESTART_MS);
  negotiate(turn, "restart");
}

function setPeer(turn: Turn, patch: Partial<Peer>): void {
  const { peer } = turn.engine;
  if (peer) turn.set({ peer: { ...peer, ...patch } });
}

function setTransport(turn: Turn, transport: Peer["transport"]): void {
  setPeer(turn, { transport });
  turn.setCall({ network: { ...turn.engine.call.network, media: transport } });
}
