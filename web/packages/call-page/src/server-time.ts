import type { Page } from "./page.ts";

/** Now, on the server's clock as far as one's arrival tells it: so that everybody sees one queue. */
export function serverNow(page: Page): number {
  const here = page.ui.value.joinedAt;
  const there = page.call.state.local.joinedAt;
  return here === null || there === null ? Date.now() : there + (Date.now() - here);
}
