/** What the browser itself does to one's picture and sound: a blurred background, less noise. */
import { readKept, writeKept } from "@parlor/ui";

import { abilitiesOf } from "./abilities.ts";
import type { Page } from "./page.ts";
import { KEPT } from "./ui-state.ts";

/** Blurs what is behind one, or stops that; says so where the camera cannot. */
export async function setBlur(page: Page, isOn: boolean): Promise<void> {
  const isDone = await page.call.setVideoProcessor({ type: isOn ? "background-blur" : "none" });
  if (isDone) {
    writeKept(KEPT.blur, isOn ? "on" : "");
    page.ui.update({ effects: { ...page.ui.value.effects, blur: isOn } });
  } else {
    page.ui.update({ toast: { text: page.language.texts.effects.failed } });
  }
}

/** Takes noise out of one's sound, or leaves it as it is: for music. */
export async function setNoiseReduction(page: Page, isOn: boolean): Promise<void> {
  const isDone = await page.call.setAudioProcessor({ type: isOn ? "noise-cancellation" : "none" });
  if (isDone) page.ui.update({ effects: { ...page.ui.value.effects, noise: isOn } });
  else page.ui.update({ toast: { text: page.language.texts.effects.noNoise } });
}

/** Blurs again for who did so last time here. */
export async function restoreEffects(page: Page): Promise<void> {
  if (readKept(KEPT.blur) !== "on" || !abilitiesOf(page, page.call.state).blur) return;
  const isDone = await page.call.setVideoProcessor({ type: "background-blur" });
  if (isDone) page.ui.update({ effects: { ...page.ui.value.effects, blur: true } });
}
