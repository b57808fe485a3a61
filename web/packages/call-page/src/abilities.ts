/**
 * What somebody may do here, by permissions, by the room's switches, and by the
 * browser. What may be sent is a matter of permissions alone: the server has
 * folded the switches of the room and of the token into them.
 */
import type { CallState } from "@parlor/browser";
import type { Permissions } from "@parlor/engine";

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
  readonly pip: boolean;
  readonly leave: boolean;
  readonly fullScreen: boolean;
}

/** What somebody may do now. */
export function abilitiesOf(page: Page, state: CallState): Abilities {
  const permissions = state.phase === "joined" ? state.local.permissions : (state.effective?.permissions ?? state.local.permissions);
  return {
    mic: maySend(permissions, "audio"),
    camera: maySend(permissions, "video"),
    share: maySend(permissions, "screenVideo") && canCaptureScreen(),
    people: page.isOn("enable_people_ui", true),
    chat: page.isOn("enable_chat", false),
    hand: page.isOn("enable_hand_raising", false) && permissions.hasPresence,
    react: page.isOn("enable_emoji_reactions", false) && permissions.hasPresence,
    pip: page.isOn("enable_pip_ui", false) && page.embedded === null && hasPipWindows(),
    leave: page.embedded?.hasLeave ?? true,
    fullScreen: page.embedded?.hasFullScreen ?? document.fullscreenEnabled,
  };
}

function maySend(permissions: Permissions, kind: Sendable): boolean {
  const { canSend, hasPresence } = permissions;
  // Nobody hears whom nobody sees.
  if (!hasPresence) return false;
  return typeof canSend === "boolean" ? canSend : canSend.includes(kind);
}

/** Windows for whole documents that stay in front: Chromium's; pages in frames may not open them. */
function hasPipWindows(): boolean {
  return "documentPictureInPicture" in globalThis;
}

function canCaptureScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}
