/** What the room says. */
import type { LeaveReason, ParticipantView, RefusalReason, ServerMessage, TrackSource, VideoDelivery } from "@parlor/protocol";

import { fail } from "./ending.ts";
import { trackKey } from "./engine.ts";
import { rejoin } from "./lifecycle.ts";
import { enterFromLobby, handleHostPresence, handleKnockRejected, handleWaiting, handleWaitingChanged, handleWaitingRemoved } from "./lobby.ts";
import { setWanted } from "./media.ts";
import { handleAnswer, handleLayersWanted, handleOfferRejected, handleSlotsWanted, openPeer, resumePeer } from "./peer.ts";
import { handlePublishRejected } from "./publish.ts";
import { stopScreen, updateScreen } from "./screen.ts";
import { isCam } from "./source.ts";
import { assignSlots } from "./slots.ts";
import { settleSocket } from "./socket.ts";
import { forgetTold, handlePong, handleWishRejected } from "./told.ts";
import type { Turn } from "./turn.ts";

type Welcome = Extract<ServerMessage, { type: "welcome" }>;

/** Takes one message of the current socket. */
export function handleMessage(turn: Turn, socket: number, message: ServerMessage): void {
  const { link } = turn.engine;
  if (!("socket" in link) || link.socket !== socket) return;
  turn.set({ unansweredPings: 0 });
  switch (message.type) {
    case "welcome":
      return handleWelcome(turn, message);
    case "refused":
      return handleRefused(turn, message.reason, message.info);
    case "answer":
      return handleAnswer(turn, message.sdp);
    case "slots_wanted":
      return handleSlotsWanted(turn, message.audio, message.video);
    case "slots":
      return assignSlots(turn, message.slots);
    case "participant_joined":
    case "participant_updated":
      return handleParticipant(turn, message.participant);
    case "participant_left":
      return handleParticipantLeft(turn, message.id, message.reason);
    case "hidden_count":
      return turn.setCall({ hidden: message.hidden });
    case "meeting_changed":
      return turn.setCall({ meeting: message.meeting, sessionData: {} });
    case "session_data":
      return turn.setCall({ sessionData: message.data });
    case "active_speaker":
      return turn.setCall({ activeSpeaker: message.participant });
    case "app_message":
      return turn.emit({ type: "app-message", from: message.from, data: message.data });
    case "rejected":
      return handleRejected(turn, message.message, message.info);
    case "removed":
      return handleRemoved(turn, message.reason);
    case "waiting":
      return handleWaiting(turn, message);
    case "host_presence":
      return handleHostPresence(turn, message.is_present);
    case "waiting_added":
    case "waiting_updated":
      return handleWaitingChanged(turn, message.waiting);
    case "waiting_removed":
      return handleWaitingRemoved(turn, message.id);
    case "media_requested":
      return handleMediaRequested(turn, message.source, message.is_on, message.by);
    case "layers_wanted":
      return handleLayersWanted(turn, message.source, message.rids);
    case "video_deliveries":
      return handleDeliveries(turn, message.deliveries);
    case "pong":
      return handlePong(turn);
    default:
      // A newer server may say more than we know.
      message satisfies never;
  }
}

function handleWelcome(turn: Turn, welcome: Welcome): void {
  const isResumed = turn.engine.link.step === "resuming";
  settleSocket(turn, welcome.resume_secret);
  enterFromLobby(turn);
  turn.set({
    self: welcome.participant,
    others: new Map(welcome.participants.map((view) => [view.id, view])),
    // The room's own picture is the measure of what it still has to be told.
    published: welcome.participant.tracks,
    deliveries: deliveriesOf(new Map(), welcome.deliveries),
  });
  turn.setCall({
    meeting: welcome.meeting,
    sessionData: keepIfEqual(turn.engine.call.sessionData, welcome.session_data),
    hidden: welcome.hidden,
    activeSpeaker: welcome.active_speaker,
    waiting: new Map(welcome.waiting.map((waiting) => [waiting.id, waiting])),
  });
  assignSlots(turn, welcome.slots);
  if (!turn.engine.peer) openPeer(turn);
  else if (isResumed) resumePeer(turn);
}

/** The old object where the new one says the same, so that nothing counts as changed. */
function keepIfEqual<T>(before: T, after: T): T {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}

function handleRefused(turn: Turn, reason: RefusalReason, info: string): void {
  const { link } = turn.engine;
  if (link.step === "resuming") {
    turn.run({ type: "close-socket", socket: link.socket });
    rejoin(turn);
    return;
  }
  const isRejoin = link.step === "entering" && link.isRejoin;
  fail(turn, { reason, info, during: isRejoin ? "reconnect" : "join" });
}

function handleParticipant(turn: Turn, view: ParticipantView): void {
  const { self, others } = turn.engine;
  if (view.id === self?.id) turn.set({ self: view });
  else turn.set({ others: new Map(others).set(view.id, view) });
}

function handleParticipantLeft(turn: Turn, id: string, reason: LeaveReason): void {
  const participant = turn.engine.call.participants.get(id);
  const others = new Map(turn.engine.others);
  others.delete(id);
  const deliveries = new Map([...turn.engine.deliveries].filter(([, delivery]) => delivery.participant !== id));
  turn.set({ others, deliveries });
  forgetTold(turn, id);
  if (turn.engine.call.activeSpeaker === id) turn.setCall({ activeSpeaker: null });
  if (participant) turn.emit({ type: "participant-left", participant, reason });
}

/** An admin's hand on our tracks: what it asks is done, as far as we may. */
function handleMediaRequested(turn: Turn, source: TrackSource, isOn: boolean, by: string): void {
  // The room knows why it is off; to say it again would hide that from the others.
  if (!isOn) turn.set({ published: { ...turn.engine.published, [source]: "off_by_remote" } });
  if (isCam(source)) setWanted(turn, source, isOn, "remote-request");
  else if (source === "screen-audio") updateScreen(turn, { audio: isOn });
  else if (source === "screen-video" && !isOn) stopScreen(turn);
  turn.emit({ type: "media-requested", source, isOn, by });
}

function handleDeliveries(turn: Turn, deliveries: readonly VideoDelivery[]): void {
  turn.set({ deliveries: deliveriesOf(turn.engine.deliveries, deliveries) });
}

function deliveriesOf(known: ReadonlyMap<string, VideoDelivery>, changes: readonly VideoDelivery[]): Map<string, VideoDelivery> {
  const deliveries = new Map(known);
  for (const delivery of changes) deliveries.set(trackKey(delivery), delivery);
  return deliveries;
}

function handleRejected(turn: Turn, message: string, info: string): void {
  turn.emit({ type: "rejected", message, info });
  if (message === "offer") handleOfferRejected(turn, info);
  if (message === "publish") handlePublishRejected(turn);
  if (message === "request_access") handleKnockRejected(turn);
  handleWishRejected(turn, message);
}

const REMOVAL_INFO: Readonly<Record<LeaveReason, string>> = {
  left: "You have left the call.",
  disconnected: "The connection to the call was lost.",
  ejected: "You were removed from this call.",
  hidden: "The others no longer see you.",
  time_limit: "Your time in this call is over.",
  replaced: "You joined this call from somewhere else.",
  room_ended: "The call has ended.",
  protocol_error: "The call did not understand this page. Reload it.",
};

function handleRemoved(turn: Turn, removal: LeaveReason): void {
  fail(turn, { reason: "removed", removal, info: REMOVAL_INFO[removal], during: "call" });
}
