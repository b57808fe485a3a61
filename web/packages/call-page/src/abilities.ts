/**
 * What somebody may do here, by permissions, by the room's switches, and by the
 * browser. What may be sent is a matter of permissions alone: the server has
 * folded the switches of the room and of the token into them.
 */
import type { CallState } from "@parlor/browser";
import type { Participant, Permissions } from "@parlor/engine";

import type { Page } from "./page.ts";

type Sendable = "audio" | "video" | "screenVideo";

/** What the bar offers. What is missing has no control at all. */
export interface Abilities {
  readonly mic: boolean;
  readonly camera: boolean;
  readonly share: boolean;
  readonly people: boolean;
  readonly chat: boolean;
  readonly hand: boolean;
  readonly react: boolean;
  readonly captions: boolean;
  readonly pip: boolean;
  readonly leave: boolean;
  readonly fullScreen: boolean;
  /** Mute, remove, let in, and the like. */
  readonly admin: boolean;
  readonly blur: boolean;
  readonly noise: boolean;
  readonly record: RecordingKind | null;
}

/** How a recording is made. */
export type RecordingKind = "cloud" | "raw-tracks" | "local";

/** What somebody may do now. */
export function abilitiesOf(page: Page, state: CallState): Abilities {
  const permissions = permissionsOf(state);
  const mayCamera = maySend(permissions, "video") && !page.isOn("audio_only", false);
  const mayMic = maySend(permissions, "audio");
  return {
    mic: mayMic,
    camera: mayCamera,
    share: maySend(permissions, "screenVideo") && canCaptureScreen(),
    people: page.isOn("enable_people_ui", true),
    chat: page.isOn("enable_chat", false),
    hand: page.isOn("enable_hand_raising", false) && permissions.hasPresence,
    react: page.isOn("enable_emoji_reactions", false) && permissions.hasPresence,
    captions: page.isOn("enable_live_captions_ui", false),
    pip: page.isOn("enable_pip_ui", false) && (document.pictureInPictureEnabled || (hasPipWindows() && page.embedded === null)),
    leave: page.embedded?.hasLeave ?? true,
    fullScreen: page.embedded?.hasFullScreen ?? document.fullscreenEnabled,
    admin: isAdmin(state.local.isOwner, permissions),
    blur: mayCamera && page.isOn("enable_video_processing_ui", true) && offers("backgroundBlur"),
    noise: mayMic && page.isOn("enable_noise_cancellation_ui", true) && offers("noiseSuppression"),
    record: recordingOf(page, state, permissions),
  };
}

/** Whether somebody may mute, remove and let in others: by ownership, or because they were made a host. */
export function isHost(person: Pick<Participant, "isOwner" | "permissions">): boolean {
  return isAdmin(person.isOwner, person.permissions);
}

/** Whether somebody may send nothing at all: the audience. */
export function isListener(person: Pick<Participant, "permissions">): boolean {
  const { canSend } = person.permissions;
  return typeof canSend === "boolean" ? !canSend : canSend.length === 0;
}

/** Whether this browser can do something with what a device captures. */
export function offers(constraint: "backgroundBlur" | "noiseSuppression"): boolean {
  const supported: Readonly<Record<string, boolean | undefined>> = { ...navigator.mediaDevices?.getSupportedConstraints?.() };
  return supported[constraint] === true;
}

function permissionsOf(state: CallState): Permissions {
  return state.phase === "joined" ? state.local.permissions : (state.effective?.permissions ?? state.local.permissions);
}

function isAdmin(isOwner: boolean, { canAdmin }: Permissions): boolean {
  return isOwner || (typeof canAdmin === "boolean" ? canAdmin : canAdmin.includes("participants"));
}

/** The kinds that `enable_recording` names, the one that needs the most of the server first. */
const KINDS: readonly (readonly [string, RecordingKind])[] = [["cloud", "cloud"], ["cloud-audio-only", "cloud"], ["raw-tracks", "raw-tracks"], ["raw-tracks-audio-only", "raw-tracks"], ["local", "local"]];

function recordingOf(page: Page, state: CallState, { canAdmin, hasPresence }: Permissions): RecordingKind | null {
  const mayRecord = state.local.isOwner || (typeof canAdmin === "boolean" ? canAdmin : canAdmin.includes("streaming"));
  const allowed = page.property("enable_recording");
  const kinds = Array.isArray(allowed) ? allowed : [allowed];
  const kind = KINDS.find(([name]) => kinds.includes(name))?.[1] ?? null;
  if (!page.isOn("enable_recording_ui", false) || !hasPresence) return null;
  // A recording on one's own device asks nothing of the server.
  return mayRecord || kind === "local" ? kind : null;
}

function maySend(permissions: Permissions, kind: Sendable): boolean {
  const { canSend, hasPresence } = permissions;
  // Nobody hears whom nobody sees.
  if (!hasPresence) return false;
  return typeof canSend === "boolean" ? canSend : canSend.includes(kind);
}

/** Windows for whole documents that stay in front: Chromium's; pages in frames may not open them. */
export function hasPipWindows(): boolean {
  return "documentPictureInPicture" in globalThis;
}

function canCaptureScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}
