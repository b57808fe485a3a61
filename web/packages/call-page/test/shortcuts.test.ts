import { expect, it, test } from "vitest";

import { shortcutFor, SHORTCUT_KEYS, type KeyPress } from "../src/model/shortcuts.ts";

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({ key, ctrlKey: false, altKey: false, metaKey: false, repeat: false, defaultPrevented: false, ...more });

test.each([
  ["m", "mic"],
  ["M", "mic"],
  ["v", "camera"],
  ["p", "people"],
  ["c", "chat"],
  ["f", "full-screen"],
  ["s", "share"],
  ["l", "layout"],
  ["?", "help"],
  [" ", "talk"],
] as const)("%s is %s", (key, shortcut) => {
  expect(shortcutFor(press(key), "page")).toBe(shortcut);
});

it("leaves keys to text fields, menus and dialogs", () => {
  for (const place of ["text", "menu", "dialog"] as const) expect(shortcutFor(press("m"), place)).toBeNull();
});

it("lets Space press the button that has the focus", () => {
  expect(shortcutFor(press(" "), "control")).toBeNull();
  expect(shortcutFor(press("m"), "control")).toBe("mic");
});

it("leaves the browser's own keys alone, and held keys", () => {
  expect(shortcutFor(press("c", { ctrlKey: true }), "page")).toBeNull();
  expect(shortcutFor(press("c", { metaKey: true }), "page")).toBeNull();
  expect(shortcutFor(press("m", { repeat: true }), "page")).toBeNull();
  expect(shortcutFor(press("m", { defaultPrevented: true }), "page")).toBeNull();
});

it("lists a key for every shortcut", () => {
  for (const [shortcut, key] of SHORTCUT_KEYS.filter(([name]) => name !== "commands")) expect(shortcutFor(press(key === "Space" ? " " : key), "page")).toBe(shortcut);
});

it("opens the list of commands from a text field too, but not from a dialog", () => {
  const k = { key: "k", ctrlKey: true, altKey: false, metaKey: false, repeat: false, defaultPrevented: false };
  expect(shortcutFor(k, "text")).toBe("commands");
  expect(shortcutFor({ ...k, ctrlKey: false, metaKey: true }, "page")).toBe("commands");
  expect(shortcutFor(k, "dialog")).toBeNull();
  expect(shortcutFor({ ...k, ctrlKey: false }, "page")).toBeNull();
});
