import { defineConfig } from "vite";

/** The page's files live under `/static/`; the page itself is served for every room. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/static/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../dist/call-page",
    emptyOutDir: true,
    target: "es2022",
    // Everything comes from files of our own: no data addresses, no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
