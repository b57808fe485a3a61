import { createCall } from "@parlor/browser";
import { applyTheme, storedTheme } from "@parlor/ui";
import { render } from "preact";

import { parseAddress } from "./address.ts";
import { App } from "./app.tsx";
import { Page, PageProvider } from "./page.ts";
import { watchPermissions } from "./permissions.ts";
import { listen } from "./rhythm.ts";
import { enter } from "./session.ts";
import { watchCall } from "./watch.ts";
import "./styles/page.css";

/** Starts the page. */
function start(root: HTMLElement): void {
  applyTheme(storedTheme());
  const page = new Page(createCall(), parseAddress(location));
  watchCall(page);
  listen(page);
  watchPermissions(page);
  render(
    <PageProvider value={page}>
      <App />
    </PageProvider>,
    root,
  );
  void enter(page);
}

const root = document.getElementById("app");
if (root) start(root);
