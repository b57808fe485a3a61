/** Recording: asked of the server, or made in this browser. */
import type { CallEvent } from "@parlor/browser";

import { abilitiesOf } from "./abilities.ts";
import { clearedName } from "./model/file-name.ts";
import type { Page } from "./page.ts";

/** Begins a recording, or ends the one that runs. */
export async function toggleRecording(page: Page): Promise<void> {
  const { record } = abilitiesOf(page, page.call.state);
  if (record === null) return;
  if (record === "local") return toggleLocal(page);
  const isOn = page.ui.value.isRecording;
  const { record: texts } = page.language.texts;
  const answer = await page.call.act(isOn ? "stop-recording" : "start-recording", isOn ? {} : { type: record });
  if (!answer.ok) return page.ui.update({ toast: { text: answer.info ?? texts.failed, isError: true } });
  page.ui.update({ isRecording: !isOn, toast: { text: isOn ? texts.stopped : texts.started } });
}

async function toggleLocal(page: Page): Promise<void> {
  const { record: texts } = page.language.texts;
  if (page.call.state.local.isRecording) return page.call.stopLocalRecording();
  pieces = [];
  try {
    await page.call.startLocalRecording();
    page.ui.update({ toast: { text: texts.started } });
  } catch (failure) {
    page.ui.update({ toast: { text: failure instanceof Error ? failure.message : texts.failed, isError: true } });
  }
}

let pieces: Blob[] = [];

/** Gathers a recording made here; the last piece makes it a file among the downloads. */
export function followRecording(page: Page, event: Extract<CallEvent, { type: "recording-data" }>): void {
  pieces.push(event.data);
  if (!event.isLast) return;
  const whole = new Blob(pieces, { type: pieces[0]?.type ?? "video/webm" });
  pieces = [];
  const address = URL.createObjectURL(whole);
  const link = Object.assign(document.createElement("a"), { href: address, download: clearedName(page.roomName, whole.type, new Date()) });
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  page.ui.update({ toast: { text: page.language.texts.record.saved } });
}

/** Asks before a recording on this device is lost with the page. */
export function guardRecording(page: Page): void {
  window.addEventListener("beforeunload", (event) => {
    if (page.call.state.phase === "joined" && page.call.state.local.isRecording) event.preventDefault();
  });
}
