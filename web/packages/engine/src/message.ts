/** What the room says. */
import type { LeaveReason, ParticipantView, RefusalReason, ServerMessage } from "@parlor/protocol";

import { fail } from "./ending.ts";
import { rejoin } from "./lifecycle.ts";
import { handlePublishRejected } from "./media.ts";
import { handleAnswer, handleOfferRejected, handleSlotsWanted, resumePeer } from "./peer.ts";
import { assignSlots } from "./slots.ts";
import { settleSocket } from "./socket.ts";
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
    case "host_presence":
    case "waiting_added":
    case "waiting_updated":
    case "waiting_removed":
    case "media_requested":
    case "layers_wanted":
    case "video_deliveries":
    case "pong":
      return;
    default:
      // A newer server may say more than we know.
      message satisfies never;
  }
}

function handleWelcome(turn: Turn, welcome: Welcome): void {
  const isResumed = turn.engine.link.step === "resuming";
  settleSocket(turn, welcome.resume_secret);
  turn.set({
    self: welcome.participant,
    others: new Map(welcome.participants.map((view) => [view.id, view])),
    // The room's own picture is the measure of what it still has to be told.
    published: welcome.participant.tracks,
  });
  turn.setCall({
    meeting: welcome.meeting,
    sessionData: keepIfEqual(turn.engine.call.sessionData, welcome.session_data),
    hidden: welcome.hidden,
    activeSpeaker: welcome.active_speaker,
  });
  assignSlots(turn, welcome.slots);
  if (isResumed) resumePeer(turn);
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
  turn.set({ others });
  if (turn.engine.call.activeSpeaker === id) turn.setCall({ activeSpeaker: null });
  if (participant) turn.emit({ type: "participant-left", participant, reason });
}

function handleRejected(turn: Turn, message: string, info: string): void {
  turn.emit({ type: "rejected", message, info });
  if (message === "offer") handleOfferRejected(turn, info);
  if (message === "publish") handlePublishRejected(turn);
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
