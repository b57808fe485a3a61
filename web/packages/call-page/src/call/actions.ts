/** What controls and keys do in a call; both ask here. */
import { abilitiesOf } from "../abilities.ts";
import { toggleCaptions } from "../captions.ts";
import { openPanel } from "../chat.ts";
import { toggleHand } from "../gestures.ts";
import type { Shortcut } from "../model/shortcuts.ts";
import { isSent, type Page } from "../page.ts";

/** Mutes or unmutes. */
export function toggleMic(page: Page): void {
  page.call.setLocalAudio(!isSending(page, "cam-audio"));
}

/** Switches the camera off or on. */
export function toggleCamera(page: Page): void {
  page.call.setLocalVideo(!isSending(page, "cam-video"));
}

/** Shares a screen, or ends that. */
export function toggleShare(page: Page): void {
  if (isSending(page, "screen-video")) page.call.stopScreenShare();
  else page.call.startScreenShare();
}

/** Opens a panel or closes it. */
export function togglePanel(page: Page, panel: "people" | "chat"): void {
  openPanel(page, page.ui.value.panel === panel ? null : panel);
}

/** Grid or speaker. Leaves a pinned person too. */
export function toggleLayout(page: Page): void {
  const { layout, pinned } = page.ui.value;
  page.ui.update({ layout: layout === "speaker" || pinned !== null ? "grid" : "speaker", pinned: null });
}

/** Fills the screen with the page, or gives it back. */
export function toggleFullScreen(page: Page): void {
  if (page.embedded) page.embedded.toggleFullScreen();
  else if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen();
}

/** Does what a key stands for. What one may not do has a dead key. */
export function runShortcut(page: Page, shortcut: Shortcut): void {
  const may = abilitiesOf(page, page.call.state);
  switch (shortcut) {
    case "mic":
      return may.mic ? toggleMic(page) : undefined;
    case "talk":
      return may.mic ? holdToTalk(page) : undefined;
    case "camera":
      return may.camera ? toggleCamera(page) : undefined;
    case "share":
      return may.share ? toggleShare(page) : undefined;
    case "react":
      return may.react ? page.ui.update({ menu: page.ui.value.menu === "react" ? null : "react" }) : undefined;
    case "hand":
      return may.hand ? toggleHand(page) : undefined;
    case "people":
      return may.people ? togglePanel(page, "people") : undefined;
    case "chat":
      return may.chat ? togglePanel(page, "chat") : undefined;
    case "layout":
      return toggleLayout(page);
    case "full-screen":
      return may.fullScreen ? toggleFullScreen(page) : undefined;
    case "captions":
      return may.captions ? toggleCaptions(page) : undefined;
    case "commands":
      return page.ui.update({ dialog: "commands", menu: null });
    case "help":
      return page.ui.update({ dialog: "shortcuts" });
  }
}

function holdToTalk(page: Page): void {
  if (isSending(page, "cam-audio")) return;
  page.call.setLocalAudio(true);
  const release = (event: KeyboardEvent | FocusEvent) => {
    if (event instanceof KeyboardEvent && event.key !== " ") return;
    page.call.setLocalAudio(false);
    document.removeEventListener("keyup", release);
    window.removeEventListener("blur", release);
  };
  document.addEventListener("keyup", release);
  window.addEventListener("blur", release);
}

function isSending(page: Page, source: "cam-audio" | "cam-video" | "screen-video"): boolean {
  return isSent(page.call.state.local.tracks[source].state);
}
