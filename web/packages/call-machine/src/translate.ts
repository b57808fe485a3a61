/**
 * What a change of the call means in daily-js's events, in the order in which
 * the client wants them. A pure function of the state before and after.
 */
import type { CallState, Device, Participant } from "@parlor/browser";
import { MAX_APP_MESSAGE_BYTES } from "@parlor/protocol";

import { errorFields } from "./errors.ts";
import type { Fields } from "./message.ts";
import { localParticipant, remoteParticipant } from "./participant.ts";

/** An event to send. */
export interface Outgoing {
  readonly action: string;
  readonly fields?: Fields;
}

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
  const hasJoined = before.phase !== "joined" && after.phase === "joined";
  return [
    ...accessEvents(before, after),
    ...deviceEvents(before, after),
    ...localEvents(before, after, context),
    ...(hasJoined ? joinedEvents(after, context) : []),
    ...(after.phase === "joined" ? inCallEvents(hasJoined ? null : before, after, context) : []),
    ...networkEvents(before, after),
  ];
}

function endWithError(after: CallState, { url }: Context): Outgoing[] {
  const error = after.error ? [{ action: "error", fields: errorFields(after.error, url) }] : [];
  return [...error, { action: "left-meeting" }];
}

function accessEvents(before: CallState, after: CallState): Outgoing[] {
  if (after.effective === null || before.effective !== null) return [];
  return [{ action: "access-state-updated", fields: { access: FULL_ACCESS } }];
}

/** Everybody whom the server lets in has full access. */
export const FULL_ACCESS = { level: "full" } as const;

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

function joinedEvents(after: CallState, { placeholderId }: Context): Outgoing[] {
  return [
    ...sessionEvents(after),
    sessionDataEvent(after),
    {
      action: "joined-meeting",
      fields: {
        participants: { local: localParticipant(after, placeholderId) },
        // The client checks it before it sends anything.
        internal: { _maxAppMessageSize: MAX_APP_MESSAGE_BYTES },
      },
    },
  ];
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
  const events = participantEvents(before, after, context);
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

const QUALITIES = {
  good: { threshold: "good", quality: 100, state: "good" },
  weak: { threshold: "low", quality: 60, state: "warning" },
  poor: { threshold: "very-low", quality: 20, state: "bad" },
  unknown: { threshold: "good", quality: 100, state: "unknown" },
} as const;

function networkEvents(before: CallState, after: CallState): Outgoing[] {
  const events: Outgoing[] = [];
  const { signalling, media, quality } = after.network;
  if (signalling !== before.network.signalling && signalling !== "idle") {
    events.push({ action: "network-connection", fields: { type: "signaling", event: signalling } });
  }
  if (media !== before.network.media && (media === "connected" || media === "interrupted")) {
    events.push({ action: "network-connection", fields: { type: "sfu", event: media, session_id: after.local.id } });
  }
  if (after.cpuLoad !== before.cpuLoad) events.push({ action: "cpu-load-change", fields: loadFields(after) });
  if (quality !== before.network.quality) events.push({ action: "network-quality-change", fields: qualityFields(quality) });
  return events;
}

/** Only the encoders tell of the processor. */
export function loadFields({ cpuLoad }: CallState): { readonly cpuLoadState: "low" | "high"; readonly cpuLoadStateReason: "encode" | "none" } {
  return { cpuLoadState: cpuLoad, cpuLoadStateReason: cpuLoad === "high" ? "encode" : "none" };
}

function qualityFields(quality: CallState["network"]["quality"]): Fields {
  const row = QUALITIES[quality];
  return { threshold: row.threshold, quality: row.quality, state: { state: row.state, reasons: [] } };
}
