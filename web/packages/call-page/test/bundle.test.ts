import { gzipSync } from "node:zlib";

import { build, type Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";

type Chunk = Rolldown.OutputChunk | Rolldown.OutputAsset;

const KB = 1024;
let chunks: readonly Chunk[] = [];

beforeAll(async () => {
  const root = new URL("..", import.meta.url).pathname;
  const outputs = await build({ root, logLevel: "error", build: { write: false } });
  const [output] = Array.isArray(outputs) ? outputs : [outputs];
  if (!output || !("output" in output)) throw new Error("the build gave no output");
  chunks = output.output;
});

const sizeOf = (chunk: Chunk): number => gzipSync(chunk.type === "chunk" ? chunk.code : chunk.source).length;
const sum = (some: readonly Chunk[]): number => some.reduce((total, chunk) => total + sizeOf(chunk), 0);
const isStyle = (chunk: Chunk): boolean => chunk.fileName.endsWith(".css");
const isEntry = (chunk: Chunk): boolean => chunk.type === "chunk" && chunk.isEntry;

test("what the first visit loads keeps to its budget", () => {
  expect(sum(chunks.filter((chunk) => isEntry(chunk) || isStyle(chunk)))).toBeLessThan(150 * KB);
});

test("the style keeps to its budget", () => {
  expect(sum(chunks.filter(isStyle))).toBeLessThan(16 * KB);
});

test("further languages are files of their own, small, and not loaded before they are wanted", () => {
  const entry = chunks.find(isEntry);
  const languages = chunks.filter((chunk) => chunk.type === "chunk" && chunk.facadeModuleId?.includes("/src/texts/"));
  for (const language of languages) {
    expect(sizeOf(language), language.fileName).toBeLessThan(16 * KB);
    expect(entry?.type === "chunk" && entry.imports.includes(language.fileName), language.fileName).toBe(false);
  }
});
