/** Notices when the person allows devices in the browser, or plugs one in, while the page waits for it. */
import type { Page } from "./page.ts";
import { askAgain } from "./session.ts";

/** Starts noticing. */
export function watchPermissions(page: Page): void {
  navigator.mediaDevices?.addEventListener("devicechange", () => {
    const { failed } = page.ui.value;
    const isMissing = Object.values(failed).some((failure) => failure.reason === "missing");
    if (isMissing && page.ui.value.screen === "prejoin") askAgain(page);
  });
  void follow(page, "camera");
  void follow(page, "microphone");
}

async function follow(page: Page, name: "camera" | "microphone"): Promise<void> {
  try {
    const status = await navigator.permissions.query({ name });
    status.addEventListener("change", () => {
      const isWaiting = Object.keys(page.ui.value.failed).length > 0;
      if (status.state === "granted" && isWaiting && page.ui.value.screen === "prejoin") askAgain(page);
    });
  } catch {
    // Some browsers do not tell of these permissions; "Ask again" remains.
  }
}
