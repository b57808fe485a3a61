import { defineConfig } from "vite";

/** Serves the scenes: `npx vite packages/dashboard/harness`. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  optimizeDeps: { noDiscovery: true, include: ["preact", "preact/hooks", "preact/jsx-runtime", "preact/jsx-dev-runtime", "lucide-preact"] },
  server: { host: "127.0.0.1", fs: { allow: ["../../.."] } },
});
