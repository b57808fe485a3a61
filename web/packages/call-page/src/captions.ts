/** Captions: whose words come as app messages of a transcription. */
import { heard, parseTranscript } from "./model/captions.ts";
import type { Page } from "./page.ts";

/** Switches the strip on or off. */
export function toggleCaptions(page: Page): void {
  const { captions } = page.ui.value;
  page.ui.update({ captions: { ...captions, isOn: !captions.isOn }, menu: null });
}

/**
 * Takes words of a transcription; `false` if the message is something else.
 * Only the server, a host, or the speaker may put words into somebody's mouth.
 */
export function receiveCaption(page: Page, from: string, data: unknown): boolean {
  const said = parseTranscript(data);
  if (!said) return false;
  const { participants, local } = page.call.state;
  const sender = participants.get(from);
  if (sender && !sender.isOwner && said.participant !== from) return true;
  const speaker = said.participant === local.id ? local : participants.get(said.participant);
  if (!speaker || !page.isOn("enable_live_captions_ui", false)) return true;
  const name = speaker.userName || page.language.texts.guest;
  page.ui.update({ captionLog: heard(page.ui.value.captionLog, { key: nextKey++, from: speaker.id, name, text: said.text, at: Date.now() }) });
  return true;
}

let nextKey = 1;
