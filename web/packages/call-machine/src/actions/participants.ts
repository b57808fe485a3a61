/** Participants, messages, names. */
import type { Call, Subscription, SubscriptionValue, TrackSource } from "@parlor/browser";
import { MAX_SESSION_DATA_BYTES, MAX_USER_DATA_BYTES, MAX_USER_NAME_CHARS } from "@parlor/protocol";

import type { Actions } from "../actions.ts";
import type { Machine } from "../machine.ts";
import { isRecord, recordOf, stringOf } from "../message.ts";
import { TRACK_KEYS } from "../participant.ts";

export const participantActions: Actions = {
  "app-msg": (machine, { data, to }) => {
    const recipients = stringOf(to) ?? (Array.isArray(to) ? to.filter((id) => typeof id === "string") : "*");
    machine.call.sendAppMessage(data, typeof recipients === "string" && recipients !== "*" ? [recipients] : (recipients as "*" | string[]));
  },

  "set-user-name": (machine, { name }) => {
    const userName = (stringOf(name) ?? "").slice(0, MAX_USER_NAME_CHARS);
    machine.call.setUserName(userName);
    return { userName };
  },

  "set-user-data": (machine, { userData }) => {
    const bytes = bytesOf(userData);
    if (bytes > MAX_USER_DATA_BYTES) return { error: `userData has ${bytes} bytes, but at most ${MAX_USER_DATA_BYTES} are allowed.` };
    machine.call.setUserData(userData ?? null);
    return { userData };
  },

  "set-session-data": (machine, { data, mergeStrategy }) => setSessionData(machine, data, mergeStrategy === "shallow-merge"),

  "update-participant": (machine, { id, properties }) => update(machine.call, id, properties),

  "update-participants": (machine, { participants }) => {
    for (const [id, properties] of Object.entries(recordOf(participants))) {
      for (const each of id === "*" ? machine.call.state.participants.keys() : [id]) update(machine.call, each, properties);
    }
  },

  "daily-method-subscribe-to-tracks-automatically": (machine, { enabled }) => machine.call.subscribeToAll(enabled === true),

  "get-meeting-session": (machine) => ({ meetingSession: { id: machine.call.state.meeting ?? "" } }),
};

/** In a merge, a key whose value is `undefined` goes; it survived the way here, but would not survive JSON. */
function setSessionData(machine: Machine, data: unknown, isMerge: boolean): null {
  const values = data === undefined || data === null ? {} : data;
  if (!isRecord(values)) machine.tellSessionDataError("Session data must be an object.");
  else if (bytesOf(values) > MAX_SESSION_DATA_BYTES) machine.tellSessionDataError(`Session data has ${bytesOf(values)} bytes, but at most ${MAX_SESSION_DATA_BYTES} are allowed.`);
  else if (isMerge) machine.call.setSessionData(values, "shallow-merge", Object.keys(values).filter((key) => values[key] === undefined));
  else machine.call.setSessionData(values, "replace");
  return null;
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? "null").length;
}

function update(call: Call, id: unknown, properties: unknown): void {
  if (!isRecord(properties)) return;
  if (id === "local" || id === call.state.local.id) {
    updateSelf(call, properties);
  } else if (typeof id === "string" && "setSubscribedTracks" in properties) {
    const wanted = subscription(properties["setSubscribedTracks"]);
    if (wanted !== undefined) call.subscribeTo(id, wanted);
  }
}

function updateSelf(call: Call, properties: Record<string, unknown>): void {
  if (typeof properties["setAudio"] === "boolean") call.setLocalAudio(properties["setAudio"]);
  if (typeof properties["setVideo"] === "boolean") call.setLocalVideo(properties["setVideo"]);
  if (properties["setScreenShare"] === false) call.stopScreenShare();
}

/** `setSubscribedTracks` in our words; `'avatar'` is an old name for sound only. */
export function subscription(value: unknown): Subscription | undefined {
  if (value === "avatar") return { "cam-audio": true };
  const whole = subscriptionValue(value);
  if (whole !== undefined) return whole;
  if (!isRecord(value)) return undefined;
  const each: Partial<Record<TrackSource, SubscriptionValue>> = {};
  for (const [key, source] of Object.entries(TRACK_KEYS)) each[source] = subscriptionValue(value[key]) ?? false;
  return each;
}

function subscriptionValue(value: unknown): SubscriptionValue | undefined {
  return value === true || value === false || value === "staged" ? value : undefined;
}
