/** Messages, names, attached data. */
import { MAX_SESSION_DATA_BYTES, MAX_USER_DATA_BYTES, MAX_USER_NAME_CHARS } from "@parlor/protocol";

import type { Actions } from "../actions.ts";
import type { Machine } from "../machine.ts";
import { isRecord, stringOf } from "../message.ts";

export const messageActions: Actions = {
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
