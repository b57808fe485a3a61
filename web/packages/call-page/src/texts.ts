/**
 * The languages of the page. English is always there; every other language is
 * a file of its own, fetched when it is wanted: `texts/<code>.ts`, which
 * exports `texts` in the shape of English. Nothing else names it. The code is
 * the language's own (`de`, `pt-BR`, `ja`), whatever the property calls it.
 */
import { en, type Texts } from "./texts/en.ts";

/** A language and its texts. */
export interface Language {
  readonly code: string;
  /** What chose it: a code, or `user` for the browser's. */
  readonly setting: string;
  /** How times and numbers are written: the browser's way, where it speaks the same language. */
  readonly locale: string;
  readonly texts: Texts;
}

type LanguageFile = { readonly texts: Texts };

const FILES = import.meta.glob<LanguageFile>(["./texts/*.ts", "!./texts/en.ts", "!./texts/plural.ts"]);

/** What the `lang` property calls Japanese is a country; everywhere else the language is `ja`. */
const CODES: Readonly<Record<string, string>> = { jp: "ja" };

/** File names are small letters throughout, as everywhere in the repository. */
const pathOf = (code: string): string => `./texts/${code.toLowerCase()}.ts`;

/** English, which needs no file. */
export function english(setting = "en"): Language {
  return { code: "en", setting, locale: localeFor("en", navigator.language), texts: en };
}

/**
 * The texts for a wish like `de` or `pt-BR`; `user` is the browser's language.
 * What is not there, or does not arrive, is English.
 */
export async function loadLanguage(wish: string, browser: string): Promise<Language> {
  const code = languageCode(wish, browser, (candidate) => candidate === "en" || pathOf(candidate) in FILES);
  const file = FILES[pathOf(code)];
  if (!file) return english(wish);
  try {
    const { texts } = await file();
    return { code, setting: wish, locale: localeFor(code, browser), texts };
  } catch {
    // Without the words of a language the call still works.
    return english(wish);
  }
}

/** The best language there is for a wish: the very one, else its main form, else English. */
export function languageCode(wish: string, browser: string, has: (code: string) => boolean): string {
  const wanted = wish === "user" ? browser : (CODES[wish] ?? wish);
  const [base = ""] = wanted.split("-");
  // Norwegian is written in two ways; browsers name the way, the property the language.
  const candidates = [wanted, base, base === "nb" || base === "nn" ? "no" : ""];
  return candidates.find((candidate) => candidate !== "" && has(candidate)) ?? "en";
}

function localeFor(code: string, browser: string): string {
  return browser.split("-")[0] === code.split("-")[0] ? browser : code;
}

export type { Texts };
