/** Which language the page speaks: what room, domain or token chose, or an application around the page. */
import type { Page } from "./page.ts";
import { loadLanguage } from "./texts.ts";

/** Speaks the language that applies here, once its words are there. */
export async function speakWishedLanguage(page: Page): Promise<void> {
  const property = page.property("lang");
  await speak(page, page.languageWish ?? (typeof property === "string" ? property : "en"));
}

/** Speaks the language of a wish like `de` or `user`. The newest wish wins, however long an earlier one takes. */
export async function speak(page: Page, wish: string): Promise<void> {
  const turn = ++newest;
  const language = await loadLanguage(wish, navigator.language);
  if (turn !== newest) return;
  document.documentElement.lang = language.code;
  page.ui.update({ language });
}

let newest = 0;
