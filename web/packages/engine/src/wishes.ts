/** Small wishes: messages, name, attached data, subscriptions. */
import type { ParticipantView, Recipients } from "@parlor/protocol";

import { isInRoom } from "./engine.ts";
import type { Command } from "./event.ts";
import type { Subscription } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Sends data to others. */
export function sendAppMessage(turn: Turn, to: Recipients, data: unknown): void {
  if (!isInRoom(turn.engine)) {
    turn.emit({ type: "rejected", message: "app_message", info: "Join before you send a message." });
    return;
  }
  turn.say({ type: "app_message", to, data });
}

/** Changes the meeting's session data. What it becomes is the room's to say, here too: others change it as well. */
export function setSessionData(turn: Turn, { strategy, data, keysToDelete }: Extract<Command, { type: "set-session-data" }>): void {
  if (!isInRoom(turn.engine)) {
    turn.emit({ type: "rejected", message: "set_session_data", info: "Join before you set session data." });
    return;
  }
  const deletes = keysToDelete.length === 0 ? {} : { keys_to_delete: [...keysToDelete] };
  turn.say({ type: "set_session_data", strategy, data, ...deletes });
}

/** Changes the display name; at once here, since the room only ever shortens it. */
export function setUserName(turn: Turn, name: string): void {
  const { intent, call } = turn.engine;
  if (intent) turn.set({ intent: { ...intent, userName: name } });
  turn.setCall({ local: { ...call.local, userName: name } });
  changeSelf(turn, { user_name: name });
  turn.say({ type: "set_user_name", name });
}

/** Changes the attached data. */
export function setUserData(turn: Turn, data: unknown): void {
  const { intent, call } = turn.engine;
  if (intent) turn.set({ intent: { ...intent, userData: data } });
  turn.setCall({ local: { ...call.local, userData: data } });
  changeSelf(turn, { user_data: data });
  turn.say({ type: "set_user_data", data });
}

function changeSelf(turn: Turn, patch: Partial<ParticipantView>): void {
  const { self } = turn.engine;
  if (self) turn.set({ self: { ...self, ...patch } });
}

/** What an admin asks of others. */
export function updateParticipants(turn: Turn, { everybody, participants }: Extract<Command, { type: "update-participants" }>): void {
  if (!isInRoom(turn.engine)) {
    turn.emit({ type: "rejected", message: "update_participants", info: "Join before you change others." });
    return;
  }
  turn.say({ type: "update_participants", ...(everybody === null ? {} : { everybody }), participants: { ...participants } });
}

/** What is wanted of one participant. */
export function subscribeTo(turn: Turn, participant: string, subscription: Subscription | null): void {
  const { subscriptions } = turn.engine.call;
  const byParticipant = { ...subscriptions.byParticipant };
  if (subscription === null) delete byParticipant[participant];
  else byParticipant[participant] = subscription;
  turn.setCall({ subscriptions: { ...subscriptions, byParticipant } });
}
