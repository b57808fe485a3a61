import { createCall } from "@parlor/browser";
import { applyTheme, storedTheme } from "@parlor/ui";
import { render } from "preact";

import { parseAddress, type PageAddress } from "./address.ts";
import { App } from "./app.tsx";
import { Page, PageProvider } from "./page.ts";
import { watchPermissions } from "./permissions.ts";
import { guardRecording } from "./recording.ts";
import { listen } from "./rhythm.ts";
import { enter } from "./session.ts";
import { watchTimeLimit } from "./time-limit.ts";
import { watchCall } from "./watch.ts";
import "./styles/page.css";

/** Starts the page. */
async function start(root: HTMLElement): Promise<void> {
  applyTheme(storedTheme());
  const address = parseAddress(location);
  // Who opens the page directly need not load what only frames use.
  const isFramed = window.parent !== window && new URLSearchParams(location.search).has("emb");
  const page = (isFramed ? await openFrame(address) : null) ?? new Page(createCall(), address);
  watchCall(page);
  listen(page);
  watchTimeLimit(page);
  watchPermissions(page);
  guardRecording(page);
  render(
    <PageProvider value={page}>
      <App />
    </PageProvider>,
    root,
  );
  if (!page.embedded) void enter(page);
}

async function openFrame(address: PageAddress): Promise<Page | null> {
  const { openInFrame } = await import("./frame.ts");
  return openInFrame(location.search, address);
}

const root = document.getElementById("app");
if (root) void start(root);
