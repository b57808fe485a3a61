import { defineConfig } from "vite";

/** The page's files live under `/static/docs/`; the page itself is `/docs`. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/static/docs/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../dist/api-docs",
    emptyOutDir: true,
    target: "es2022",
    // Everything comes from files of our own: no data addresses, no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
