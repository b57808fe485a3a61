/**
 * Photographs every scene in both themes and both sizes, and runs axe on each.
 *   node packages/call-page/harness/look.mjs OUT_FOLDER [scene …]
 * With LOOK_LONG set every text is about 40 % longer; LOOK_LANG is a language;
 * LOOK_IN is another package with scenes (`dashboard`).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";
import { createServer } from "vite";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [out = "scenes", ...wanted] = process.argv.slice(2);
/** A desk, a phone, and, once, a phone on its side. */
const SHOTS = [[1440, 900, "light"], [1440, 900, "dark"], [390, 844, "light"], [390, 844, "dark"], [844, 390, "light"]];
mkdirSync(out, { recursive: true });

const server = await createServer({ configFile: new URL(`../../${process.env.LOOK_IN ?? "call-page"}/harness/vite.config.ts`, import.meta.url).pathname, server: { port: 0, hmr: false, watch: null }, logLevel: "error" });
await server.listen();
const origin = server.resolvedUrls.local[0];
const profile = mkdtempSync(join(tmpdir(), "parlor-look-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.PARLOR_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--autoplay-policy=no-user-gesture-required"],
});
let faults = 0;
try {
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("pageerror", (error) => report(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") report(`console: ${message.text()}`);
  });
  await page.goto(origin);
  const names = wanted.length > 0 ? wanted : (await page.locator("a").allTextContents());
  for (const name of names) for (const [width, height, theme] of SHOTS) await look(page, name, width, height, theme);
} finally {
  await context.close();
  await server.close();
  rmSync(profile, { recursive: true, force: true });
}
process.exitCode = faults > 0 ? 1 : 0;

async function look(page, name, width, height, theme) {
  const title = `${name}-${width}-${theme}`;
  await page.setViewportSize({ width, height });
  await page.goto(`${origin}?scene=${name}&theme=${theme}${process.env.LOOK_LONG ? "&long" : ""}&lang=${process.env.LOOK_LANG ?? "en"}`);
  await page.waitForTimeout(900);
  await page.screenshot({ path: join(out, `${title}.png`) });
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  if (isWide) report(`${title}: scrolls sideways`);
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  for (const { id, help, nodes } of violations) report(`${title}: ${id}: ${help}\n    ${nodes.map((node) => node.html.slice(0, 160)).join("\n    ")}`);
}

function report(text) {
  faults += 1;
  process.stdout.write(`${text}\n`);
}
