import { en, type Texts } from "./texts/en.ts";

/** The language of the dashboard. A language is one more file and one more line here. */
export const texts: Texts = en;

export type { Texts };
