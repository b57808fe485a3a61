import { defineConfig } from "vite";

/**
 * One classic script. daily-js runs it as the body of a strict function, or
 * as a script element; so no imports, no exports, no second file.
 */
export default defineConfig({
  build: {
    lib: {
      entry: "src/main.ts",
      formats: ["iife"],
      name: "parlorCallMachine",
      fileName: () => "call-machine-object-bundle.js",
    },
    outDir: "../../dist/call-machine",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    rolldownOptions: { output: { strict: true } },
  },
});
