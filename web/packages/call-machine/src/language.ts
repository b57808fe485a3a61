/** The language of the call, as daily-js spells it. */

/** Codes that daily-js knows; Japanese is `jp` there. */
const LANGUAGES = ["cs", "da", "de", "en", "es", "fi", "fr", "it", "jp", "ka", "nl", "no", "pl", "pt", "pt-BR", "ru", "sk", "sv", "tr"] as const;

/** A language of daily-js. */
export type Language = (typeof LANGUAGES)[number];

/** What was set, and what it means here. */
export interface LanguageChoice {
  readonly lang: Language;
  readonly langSetting: Language | "user";
}

const DEFAULT: LanguageChoice = { lang: "en", langSetting: "en" };

/** Codes of browsers that daily-js spells differently. */
const BROWSER_CODES: Readonly<Record<string, Language>> = { ja: "jp", nb: "no", nn: "no" };

/** The first setting that is one; `"user"` follows the browser's languages. */
export function chooseLanguage(settings: readonly unknown[], ofBrowser: readonly string[]): LanguageChoice {
  for (const setting of settings) {
    if (setting === "user") return { lang: fromBrowser(ofBrowser), langSetting: "user" };
    const lang = LANGUAGES.find((known) => known === setting);
    if (lang) return { lang, langSetting: lang };
  }
  return DEFAULT;
}

function fromBrowser(codes: readonly string[]): Language {
  for (const code of codes) {
    const short = code.split("-")[0]?.toLowerCase() ?? "";
    const found = LANGUAGES.find((known) => known.toLowerCase() === code.toLowerCase()) ?? BROWSER_CODES[short] ?? LANGUAGES.find((known) => known === short);
    if (found) return found;
  }
  return DEFAULT.lang;
}
