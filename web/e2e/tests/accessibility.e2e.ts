import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type axe from 'axe-core';
import { beforeAll, expect, test } from 'vitest';

import { CallPage } from '../src/call-page.ts';
import { results } from '../src/paths.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const THEMES = ['light', 'dark'] as const;

let axeSource = '';
beforeAll(async () => {
  axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});

/** No violation in either theme at either size; keeps a picture of each. */
async function expectAccessible(call: CallPage, name: string): Promise<void> {
  await call.page.evaluate(axeSource);
  for (const size of SIZES) {
    await call.page.setViewportSize(size);
    for (const theme of THEMES) {
      await call.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await drawn(call);
      await call.page.screenshot({ path: join(results('screenshots'), `${name}-${size.width}-${theme}.png`) });
      expect(await violations(call), `${name}, ${size.width}, ${theme}`).toEqual([]);
    }
  }
  await call.page.setViewportSize({ width: 320, height: 700 });
  await drawn(call);
  expect(await call.page.evaluate(() => document.documentElement.scrollWidth), 'no sideways scrolling').toBeLessThanOrEqual(320);
}

/** After the next picture was drawn. */
async function drawn(call: CallPage): Promise<void> {
  await call.page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );
}

async function violations(call: CallPage): Promise<readonly string[]> {
  return call.page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document);
    return violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`));
  });
}

test('the page before the call is accessible in both themes, on a desk and on a phone', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await CallPage.open(stage.browser, url);
  await ana.button('Join now').waitFor();
  await expect.poll(async () => (await ana.pictureSizes()).filter((width) => width > 0).length).toBe(1);
  await expectAccessible(ana, 'prejoin');
});

test('the call is accessible in both themes, on a desk and on a phone', async () => {
  const { url } = await stage.rest.createRoom();
  const [ana, bo] = [await CallPage.open(stage.browser, url), await CallPage.open(stage.browser, url)];
  await ana.enter('Ana');
  await bo.enter('Bo');
  await ana.tile('Bo').first().waitFor();
  await expect.poll(async () => (await ana.pictureSizes()).filter((width) => width > 0).length).toBe(2);
  await expectAccessible(ana, 'call');
});

test('the pages that prevent a call are accessible in both themes, on a desk and on a phone', async () => {
  const missing = await CallPage.open(stage.browser, `${stage.origin}/no-such-room`);
  await missing.page.getByRole('heading', { name: 'There is no room here' }).waitFor();
  await expectAccessible(missing, 'no-room');
  const room = await stage.rest.createRoom({}, 'private');
  const closed = await CallPage.open(stage.browser, room.url);
  await closed.page.getByRole('heading', { name: 'This room is private' }).waitFor();
  await expectAccessible(closed, 'private');
});
