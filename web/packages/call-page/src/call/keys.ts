import { useEffect } from "preact/hooks";

import { focusPlace, shortcutFor } from "../model/shortcuts.ts";
import { usePage } from "../page.ts";
import { runShortcut } from "./actions.ts";

/** The regions that F6 walks through, in order. */
const REGIONS = [".kn .btn", "#stage", ".capstrip button", "[role=toolbar] [tabindex='0']", ".panel"];

/** Keys of the call, while it is on the screen. */
export function useShortcuts(): void {
  const page = usePage();
  useEffect(() => {
    const handle = (event: KeyboardEvent) => {
      if (event.key === "F6") return nextRegion(event);
      if (event.key === "Escape" && page.ui.value.toast) page.ui.update({ toast: null });
      const shortcut = shortcutFor(event, focusPlace(document.activeElement));
      if (shortcut === null || (!page.ui.value.hasShortcuts && shortcut !== "commands")) return;
      event.preventDefault();
      runShortcut(page, shortcut);
    };
    document.addEventListener("keydown", handle);
    return () => document.removeEventListener("keydown", handle);
  }, []);
}

function nextRegion(event: KeyboardEvent): void {
  event.preventDefault();
  const regions = REGIONS.flatMap((selector) => document.querySelector<HTMLElement>(selector) ?? []);
  const toast = document.querySelector<HTMLElement>(".toast button");
  if (toast) regions.push(toast);
  const at = regions.findIndex((region) => region === document.activeElement || region.contains(document.activeElement));
  const step = event.shiftKey ? -1 : 1;
  regions[(at + step + regions.length) % regions.length]?.focus();
}
