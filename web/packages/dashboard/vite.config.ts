import { defineConfig } from "vite";

/** The page's files live under `/static/dashboard/`; the page itself is `/dashboard`. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/static/dashboard/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../dist/dashboard",
    emptyOutDir: true,
    target: "es2022",
    // Everything comes from files of our own: no data addresses, no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
