/** Pictures of others, switched off where the connection carries no more than the sound. */
import type { Page } from "./page.ts";

/** Switches the pictures of others on or off; screens stay. */
export function setIncomingVideo(page: Page, isOn: boolean): void {
  page.ui.update({ isVideoOff: !isOn, toast: null });
  page.views.refresh();
}

/** Between two offers: a connection that comes and goes is no reason to ask each time. */
const OFFER_EVERY_MS = 120_000;

let offeredAt = -OFFER_EVERY_MS;

/** Offers to do without pictures once the connection is poor. */
export function offerNoVideo(page: Page): void {
  const { network } = page.language.texts;
  if (performance.now() - offeredAt < OFFER_EVERY_MS) return;
  offeredAt = performance.now();
  if (page.ui.value.isVideoOff || page.call.state.participants.size === 0) return;
  page.ui.update({ toast: { text: network.poor, action: { label: network.videoOff, run: () => setIncomingVideo(page, false) } } });
}
