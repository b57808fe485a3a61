import { en, type Texts } from "./texts/en.ts";

/** The languages there are. A language is one more file and one more line. */
const LANGUAGES: Readonly<Record<string, Texts>> = { en };

/** A language and its texts. */
export interface Language {
  readonly code: string;
  /** How times and numbers are written: the browser's way, where it speaks the same language. */
  readonly locale: string;
  readonly texts: Texts;
}

/**
 * The texts for a wish like `de` or `pt-BR`; `user` is the browser's language.
 * What is not there is English.
 */
export function languageFor(wish: string, browser: string): Language {
  const code = wish === "user" ? browser : wish;
  const [base] = code.split("-");
  for (const candidate of [code, base ?? ""]) {
    const texts = LANGUAGES[candidate];
    if (texts) return { code: candidate, locale: localeFor(candidate, browser), texts };
  }
  return { code: "en", locale: localeFor("en", browser), texts: en };
}

function localeFor(code: string, browser: string): string {
  return browser.split("-")[0] === code.split("-")[0] ? browser : code;
}

export type { Texts };
