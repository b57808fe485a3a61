/** What an embedding application shows and hides, in daily-js's words. */
import { isRecord, recordOf, stringOf } from "@parlor/call-machine";

import type { Outline, TrayButton } from "./ui-state.ts";

/** Most buttons that an application may add. */
const BUTTONS_MOST = 20;
/** Longest label of one. */
const LABEL_MOST = 60;

/** `setShowNamesMode`: `"always"`, `"never"`, or `false` for the page's own way. */
export function namesMode(mode: unknown): Outline["names"] {
  return mode === "always" || mode === "never" ? mode : "normal";
}

/** The application's buttons, in its order. */
export function trayButtons(buttons: unknown): TrayButton[] {
  return Object.entries(recordOf(buttons)).slice(0, BUTTONS_MOST).flatMap(([id, button]) => (isRecord(button) ? [trayButton(id, button)] : []));
}

function trayButton(id: string, button: Record<string, unknown>): TrayButton {
  const text = (field: string) => stringOf(button[field]) ?? "";
  const label = text("label").slice(0, LABEL_MOST) || id.slice(0, LABEL_MOST);
  const state = text("visualState");
  return { id, label, tooltip: text("tooltip"), iconPath: text("iconPath"), iconPathDarkMode: text("iconPathDarkMode"), isActive: state === "active" || state === "sidebar-open" };
}

/** `layoutConfig.grid.maxTilesPerPage`, as far as a grid can be that large. */
export function mostTilesOf(layoutConfig: unknown): number | null {
  const most = recordOf(recordOf(layoutConfig)["grid"])["maxTilesPerPage"];
  return typeof most === "number" && Number.isInteger(most) && most >= 1 && most <= 49 ? most : null;
}

/** `setPlayNewParticipantSound`: always, never, or while there are no more people than that. */
export function dingsUpTo(arg: unknown): number {
  if (typeof arg === "number" && arg >= 0) return arg;
  return arg === true ? Number.POSITIVE_INFINITY : 0;
}
