import { gzipSync } from "node:zlib";

import { build } from "vite";
import { expect, test } from "vitest";

test("the dashboard keeps to its budget and asks nobody else", async () => {
  const root = new URL("..", import.meta.url).pathname;
  const outputs = await build({ root, logLevel: "error", build: { write: false } });
  const [output] = Array.isArray(outputs) ? outputs : [outputs];
  if (!output || !("output" in output)) throw new Error("the build gave no output");
  const texts = output.output.map((file) => (file.type === "chunk" ? file.code : String(file.source)));
  const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
  expect(bytes).toBeLessThan(60 * 1024);
  expect(texts.join("\n")).not.toMatch(/https?:\/\/(?!www\.w3\.org\/)[a-z]/);
});

test("the page has the place at which the server puts the anti-forgery value", async () => {
  const root = new URL("..", import.meta.url).pathname;
  const outputs = await build({ root, logLevel: "error", build: { write: false } });
  const [output] = Array.isArray(outputs) ? outputs : [outputs];
  if (!output || !("output" in output)) throw new Error("the build gave no output");
  const page = output.output.find((file) => file.fileName === "index.html");
  expect(page?.type === "asset" ? String(page.source) : "").toContain('<meta name="csrf" content="">');
});
