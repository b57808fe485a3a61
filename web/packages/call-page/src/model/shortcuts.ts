/** What a key does in a call. */
export type Shortcut = "mic" | "talk" | "camera" | "share" | "react" | "hand" | "people" | "chat" | "layout" | "captions" | "full-screen" | "commands" | "help";

const KEYS: Readonly<Record<string, Shortcut>> = {
  m: "mic",
  " ": "talk",
  v: "camera",
  s: "share",
  r: "react",
  h: "hand",
  p: "people",
  c: "chat",
  l: "layout",
  t: "captions",
  f: "full-screen",
  "?": "help",
};

/** A pressed key, as the browser tells it. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  readonly defaultPrevented: boolean;
}

/** Where the focus is, as far as keys care. */
export type FocusPlace = "page" | "control" | "text" | "menu" | "dialog";

/**
 * The shortcut for a key, or `null`. Keys in text fields, menus and dialogs
 * belong to these; Space on a button presses it.
 */
export function shortcutFor(press: KeyPress, place: FocusPlace): Shortcut | null {
  // The list of commands opens from a text field too: the key types nothing.
  if ((press.ctrlKey || press.metaKey) && !press.altKey && !press.repeat && press.key.toLowerCase() === "k" && place !== "dialog") return "commands";
  if (press.ctrlKey || press.altKey || press.metaKey || press.repeat || press.defaultPrevented) return null;
  if (place === "text" || place === "menu" || place === "dialog") return null;
  const shortcut = KEYS[press.key.toLowerCase()] ?? null;
  return shortcut === "talk" && place === "control" ? null : shortcut;
}

/** Where an element stands, for {@link shortcutFor}. */
export function focusPlace(element: Element | null): FocusPlace {
  if (element === null) return "page";
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]")) return "text";
  if (element.closest("[role=menu]")) return "menu";
  if (element.closest("dialog")) return "dialog";
  return element.closest("button, a, [role=button]") ? "control" : "page";
}

/** The key to show for each shortcut, in the order of the list of shortcuts. */
export const SHORTCUT_KEYS: readonly (readonly [Shortcut, string])[] = [
  ["mic", "M"],
  ["talk", "Space"],
  ["camera", "V"],
  ["share", "S"],
  ["react", "R"],
  ["hand", "H"],
  ["people", "P"],
  ["chat", "C"],
  ["layout", "L"],
  ["captions", "T"],
  ["full-screen", "F"],
  ["commands", "Ctrl K"],
  ["help", "?"],
];
