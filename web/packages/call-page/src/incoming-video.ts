/** Pictures of others, switched off where the connection carries no more than the sound. */
import type { Page } from "./page.ts";

/** Switches the pictures of others on or off; screens stay. */
export function setIncomingVideo(page: Page, isOn: boolean): void {
  page.ui.update({ isVideoOff: !isOn, toast: null });
  page.views.refresh();
}

/** Offers to do without pictures once the connection is poor; again only after it was better. */
export function offerNoVideo(page: Page): void {
  const { network } = page.language.texts;
  if (page.ui.value.isVideoOff || page.call.state.participants.size === 0) return;
  page.ui.update({ toast: { text: network.poor, action: { label: network.videoOff, run: () => setIncomingVideo(page, false) } } });
}
