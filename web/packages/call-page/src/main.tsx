import { createCall } from "@parlor/browser";
import { parseEmbedding } from "@parlor/call-machine";
import { applyTheme, storedTheme } from "@parlor/ui";
import { render } from "preact";

import { parseAddress } from "./address.ts";
import { App } from "./app.tsx";
import { Page, PageProvider } from "./page.ts";
import { watchPermissions } from "./permissions.ts";
import { listen } from "./rhythm.ts";
import { enter } from "./session.ts";
import { watchTimeLimit } from "./time-limit.ts";
import { watchCall } from "./watch.ts";
import "./styles/page.css";

/** Starts the page. */
async function start(root: HTMLElement): Promise<void> {
  applyTheme(storedTheme());
  const address = parseAddress(location);
  const embedding = parseEmbedding(location.search);
  // Who opens the page directly need not load what only frames use.
  const frame = embedding && window.parent !== window ? await import("./frame.ts") : null;
  const page = frame && embedding ? frame.openInFrame(embedding, address) : new Page(createCall(), address);
  watchCall(page);
  listen(page);
  watchTimeLimit(page);
  watchPermissions(page);
  render(
    <PageProvider value={page}>
      <App />
    </PageProvider>,
    root,
  );
  if (!page.embedded) void enter(page);
}

const root = document.getElementById("app");
if (root) void start(root);
