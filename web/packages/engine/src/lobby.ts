/** Both sides of the door: waiting in the lobby, and letting people in. */
import type { ParticipantId, ServerMessage, WaitingView } from "@parlor/protocol";

import { closePeer } from "./ending.ts";
import { settleSocket } from "./socket.ts";
import type { Turn } from "./turn.ts";

type WaitingMessage = Extract<ServerMessage, { type: "waiting" }>;

/** The room has us wait. Whoever knocked before a loss knocks again where the room forgot. */
export function handleWaiting(turn: Turn, { participant, resume_secret, is_host_present }: WaitingMessage): void {
  const isResumed = turn.engine.link.step === "resuming";
  const askedAt = turn.engine.call.lobby?.askedAt ?? null;
  settleSocket(turn, resume_secret);
  closePeer(turn);
  turn.set({ self: participant, others: new Map() });
  const { phase } = turn.engine.call;
  turn.setCall({ phase: phase === "joined" ? "joining" : phase, access: "lobby", lobby: { isHostPresent: is_host_present, askedAt }, waiting: new Map() });
  if (askedAt !== null && !isResumed) turn.say({ type: "request_access", name: participant.user_name });
}

/** Somebody who could open the door came or went. */
export function handleHostPresence(turn: Turn, isHostPresent: boolean): void {
  const { lobby } = turn.engine.call;
  if (lobby) turn.setCall({ lobby: { ...lobby, isHostPresent } });
}

/** Knocks. Elsewhere than in the lobby there is no door. */
export function requestAccess(turn: Turn, name: string, now: number): void {
  const { lobby } = turn.engine.call;
  if (!lobby) return;
  turn.setCall({ lobby: { ...lobby, askedAt: now } });
  turn.say({ type: "request_access", name });
}

/** The room took no notice of the knock; one may knock again. */
export function handleKnockRejected(turn: Turn): void {
  const { lobby } = turn.engine.call;
  if (!lobby) return;
  turn.setCall({ lobby: { ...lobby, askedAt: null } });
  turn.emit({ type: "knock-answered", granted: false });
}

/** The door is open. */
export function enterFromLobby(turn: Turn): void {
  const { lobby } = turn.engine.call;
  turn.setCall({ access: "full", lobby: null });
  if (lobby) turn.emit({ type: "knock-answered", granted: true });
}

/** Lets people in, or turns them away. */
export function answerKnocks(turn: Turn, everybody: boolean | null, participants: Readonly<Record<ParticipantId, boolean>>): void {
  turn.say({ type: "answer_knocks", ...(everybody === null ? {} : { everybody }), participants: { ...participants } });
}

/** Somebody knocks, or says another name. */
export function handleWaitingChanged(turn: Turn, { id, name, since }: WaitingView): void {
  turn.setCall({ waiting: new Map(turn.engine.call.waiting).set(id, { id, name, since }) });
}

/** Somebody no longer waits. */
export function handleWaitingRemoved(turn: Turn, id: ParticipantId): void {
  const waiting = new Map(turn.engine.call.waiting);
  waiting.delete(id);
  turn.setCall({ waiting });
}
