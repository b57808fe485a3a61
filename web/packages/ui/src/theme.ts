/** The look somebody chose; `system` follows the device. */
export type Theme = "system" | "light" | "dark";

const STORAGE_KEY = "parlor.theme";

/** The choice kept in this browser. */
export function storedTheme(): Theme {
  const kept = readKept(STORAGE_KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Applies a choice to the page and keeps it. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  writeKept(STORAGE_KEY, theme === "system" ? "" : theme);
}

/**
 * A value kept in this browser, or `""`. Storage may be forbidden (a frame of
 * another site, a private window): then nothing is kept, and nothing breaks.
 */
export function readKept(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a value in this browser where it allows that; `""` forgets it. */
export function writeKept(key: string, value: string): void {
  try {
    if (value === "") localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is forbidden here; the value lives as long as the page.
  }
}
