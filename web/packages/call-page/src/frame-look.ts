/** The look that an embedding application asks for: daily-js's theme, and style text. */
import { isRecord } from "@parlor/call-machine";

import { contrast, ENOUGH_CONTRAST } from "./model/contrast.ts";

/** daily-js's colours, and the tokens they stand for. */
const TOKENS: Readonly<Record<string, readonly string[]>> = {
  accent: ["--accent", "--accent-hover", "--accent-press", "--accent-text", "--speak", "--focus"],
  accentText: ["--on-accent"],
  background: ["--surface", "--raised", "--bg"],
  backgroundAccent: ["--sunken", "--hover"],
  baseText: ["--text"],
  border: ["--line"],
  mainAreaBg: ["--stage"],
  mainAreaBgAccent: ["--tile"],
  supportiveText: ["--text-2", "--text-3"],
};

/** A colour as daily-js documents it. Anything else could be more than a colour. */
const COLOUR = /^#[0-9a-f]{3,8}$/iu;

const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen: unknown = null;

/** Applies a theme: `{ colors }`, or `{ light: { colors }, dark: { colors } }` by the device's choice. */
export function applyFrameTheme(theme: unknown): void {
  if (chosen === null) dark.addEventListener("change", draw);
  chosen = theme;
  draw();
  nameFaintPairs(coloursOf(theme));
}

/** Colours that stand as text on each other. */
const PAIRS = [["baseText", "background"], ["supportiveText", "background"], ["accentText", "accent"], ["baseText", "backgroundAccent"], ["mainAreaText", "mainAreaBg"]] as const;

/** The application's colours are used as given; whoever wrote them reads in the console which are hard to read. */
function nameFaintPairs(colours: Record<string, unknown>): void {
  for (const [text, ground] of PAIRS) {
    const [one, other] = [colours[text], colours[ground]];
    if (typeof one !== "string" || typeof other !== "string" || !COLOUR.test(one) || !COLOUR.test(other)) continue;
    const ratio = contrast(one, other);
    // oxlint-disable-next-line no-console -- it is for whoever develops the application, and for nobody else
    if (ratio < ENOUGH_CONTRAST) console.warn(`theme: ${text} on ${ground} has a contrast of ${ratio.toFixed(1)} : 1; text needs ${ENOUGH_CONTRAST} : 1`);
  }
}

function draw(): void {
  const { style } = document.documentElement;
  for (const tokens of Object.values(TOKENS)) for (const token of tokens) style.removeProperty(token);
  for (const [name, colour] of Object.entries(coloursOf(chosen))) {
    if (typeof colour !== "string" || !COLOUR.test(colour)) continue;
    for (const token of TOKENS[name] ?? []) style.setProperty(token, colour);
  }
}

function coloursOf(theme: unknown): Record<string, unknown> {
  if (!isRecord(theme)) return {};
  const half = dark.matches ? theme["dark"] : theme["light"];
  const whole = isRecord(half) ? half : theme;
  return isRecord(whole["colors"]) ? whole["colors"] : {};
}

/** Adds style text of the embedding application. Rules made by script pass a strict content policy. */
export function addStyle(text: string): void {
  if (text === "" || added.has(text)) return;
  added.add(text);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** Adds a style file. The page's policy lets through those of this server and of the embedding page. */
export function linkStyle(href: string): void {
  if (!URL.canParse(href, location.href) || href === "") return;
  const known = [...document.querySelectorAll<HTMLLinkElement>("link[data-app]")].some((link) => link.getAttribute("href") === href);
  if (known) return;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  link.dataset["app"] = "";
  document.head.append(link);
}

/** Adds classes to the body, for the application's own style to go by. */
export function addBodyClasses(names: string): void {
  document.body.classList.add(...names.split(/\s+/u).filter((name) => name !== ""));
}

/** Style texts that are there already: an application may send its own twice. */
const added = new Set<string>();
