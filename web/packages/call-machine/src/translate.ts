/**
 * What a change of the call means in daily-js's events, in the order in which
 * the client wants them. A pure function of the state before and after.
 */
import type { CallState, Device, Participant } from "@parlor/browser";
import { MAX_APP_MESSAGE_BYTES } from "@parlor/protocol";

import { errorFields } from "./errors.ts";
import { localParticipant, remoteParticipant } from "./participant.ts";
import { accessEvents, waitingEvents } from "./translate/access.ts";
import { networkEvents } from "./translate/network.ts";
import type { Outgoing } from "./translate/outgoing.ts";

export type { Outgoing } from "./translate/outgoing.ts";

/** What the translation needs besides the two states. */
export interface Context {
  /** Stands in for one's session id before joining. */
  readonly placeholderId: string;
  /** The room's URL, for error details. */
  readonly url: string | undefined;
  /** Of those who are gone from the list, who only lost presence. */
  readonly unseen: ReadonlySet<string>;
}

/** The events of one change. */
export function eventsOf(before: CallState, after: CallState, context: Context): Outgoing[] {
  if (after.phase === "failed") return before.phase === "failed" ? [] : endWithError(after, context);
  if (after.phase === "left") return before.phase === "left" ? [] : [{ action: "left-meeting" }];
  const hasEntered = !isInside(before) && isInside(after);
  const isNew = before.phase !== "joined";
  return [
    ...accessEvents(before, after),
    ...deviceEvents(before, after),
    ...localEvents(before, after, context),
    ...(isNew && after.phase === "joined" ? [...sessionEvents(after), sessionDataEvent(after)] : []),
    ...(hasEntered ? [joinedEvent(after, context)] : []),
    ...(after.phase === "joined" ? inCallEvents(isNew ? null : before, after, context) : []),
    ...networkEvents(before, after),
  ];
}

/** In the call, or in its lobby: for the client both are joined. */
function isInside({ phase }: CallState): boolean {
  return phase === "joined" || phase === "waiting";
}

function endWithError(after: CallState, { url }: Context): Outgoing[] {
  const error = after.error ? [{ action: "error", fields: errorFields(after.error, url) }] : [];
  return [...error, { action: "left-meeting" }];
}

function deviceEvents(before: CallState, after: CallState): Outgoing[] {
  const { camera, mic, speaker } = after.devices;
  const isSame = camera === before.devices.camera && mic === before.devices.mic && speaker === before.devices.speaker;
  return isSame ? [] : [{ action: "selected-devices-updated", fields: { devices: selectedDevices(after) } }];
}

/** The devices in use; `{}` for none, or for a track that the application brought. */
export function selectedDevices({ devices }: CallState): Record<"camera" | "mic" | "speaker", Device | Record<string, never>> {
  return { camera: devices.camera ?? {}, mic: devices.mic ?? {}, speaker: devices.speaker ?? {} };
}

function localEvents(before: CallState, after: CallState, { placeholderId }: Context): Outgoing[] {
  if (after.local === before.local && after.network.quality === before.network.quality) return [];
  // Old clients keep the tracks of their own participant from these, before `joined-meeting`.
  return [{ action: "participant-updated", fields: { participant: localParticipant(after, placeholderId) } }];
}

function joinedEvent(after: CallState, { placeholderId }: Context): Outgoing {
  return {
    action: "joined-meeting",
    fields: {
      participants: { local: localParticipant(after, placeholderId) },
      // The client checks it before it sends anything.
      internal: { _maxAppMessageSize: MAX_APP_MESSAGE_BYTES },
    },
  };
}

/** The meeting's id; before 0.56 the client knows the second name only. */
function sessionEvents({ meeting }: CallState): Outgoing[] {
  const fields = { meetingSession: { id: meeting } };
  return [
    { action: "meeting-session-summary-updated", fields },
    { action: "meeting-session-updated", fields },
  ];
}

function sessionDataEvent({ sessionData }: CallState): Outgoing {
  return { action: "meeting-session-state-updated", fields: { meetingSessionState: { data: sessionData, topology: "sfu" } } };
}

/** `before` is null when everything is new to the client. */
function inCallEvents(before: CallState | null, after: CallState, context: Context): Outgoing[] {
  const events = [...participantEvents(before, after, context), ...waitingEvents(before, after)];
  const participantCounts = countsOf(after);
  const known = before && countsOf(before);
  if (known?.present !== participantCounts.present || known.hidden !== participantCounts.hidden) {
    events.push({ action: "participant-counts-updated", fields: { participantCounts } });
  }
  if (before !== null && before.meeting !== after.meeting) events.push(...sessionEvents(after));
  if (before !== null && before.sessionData !== after.sessionData) events.push(sessionDataEvent(after));
  if (after.activeSpeaker !== null && before?.activeSpeaker !== after.activeSpeaker) {
    events.push({ action: "active-speaker-change", fields: { activeSpeaker: { peerId: after.activeSpeaker } } });
  }
  return events;
}

/** Everybody, oneself included. */
function countsOf({ participants, hidden, local }: CallState): { readonly present: number; readonly hidden: number } {
  const isPresent = local.permissions.hasPresence;
  return { present: participants.size + (isPresent ? 1 : 0), hidden: hidden + (isPresent ? 0 : 1) };
}

function participantEvents(before: CallState | null, after: CallState, { unseen }: Context): Outgoing[] {
  const events: Outgoing[] = [];
  const known: ReadonlyMap<string, Participant> = before?.participants ?? new Map();
  for (const [id, participant] of known) {
    if (before && !after.participants.has(id)) {
      const reason = unseen.has(id) ? { reason: "hidden" } : {};
      events.push({ action: "participant-left", fields: { participant: remoteParticipant(before, participant), ...reason } });
    }
  }
  const isResubscribed = before !== null && before.subscriptions !== after.subscriptions;
  for (const [id, participant] of after.participants) {
    if (known.get(id) === participant && !isResubscribed) continue;
    const action = known.has(id) ? "participant-updated" : "participant-joined";
    events.push({ action, fields: { participant: remoteParticipant(after, participant) } });
  }
  return events;
}
