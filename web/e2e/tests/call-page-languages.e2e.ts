// The language of the call page: what room, domain or token say, or the browser.
import { expect, test } from 'vitest';

import { CallPage } from '../src/call-page.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

/** The language files that a page asked for. */
async function languageFiles(page: CallPage): Promise<readonly string[]> {
  const loaded = await page.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
  return loaded.filter((path) => /^\/static\/assets\/(?!index|frame)[^/]+\.js$/u.test(path));
}

test('a room in German has a German page, and fetches no other language', async () => {
  const room = await stage.rest.createRoom({ lang: 'de', start_video_off: true });
  const ana = await CallPage.open(stage.browser, room.url);
  await ana.button('Jetzt beitreten').waitFor();
  expect(await ana.page.evaluate(() => document.documentElement.lang)).toBe('de');
  await ana.button('Jetzt beitreten').click();
  await ana.page.getByRole('heading', { name: /./u, level: 1 }).waitFor();
  await ana.page.getByRole('button', { name: 'Verlassen' }).waitFor();
  expect(await languageFiles(ana)).toHaveLength(1);
  await ana.expectClean(stage.origin);
});

test('a token’s language wins over the room’s, and what the property calls jp is Japanese', async () => {
  const room = await stage.rest.createRoom({ lang: 'de' });
  const token = await stage.rest.token({ room_name: room.name, lang: 'jp' });
  const ana = await CallPage.open(stage.browser, `${room.url}?t=${token}`);
  await expect.poll(() => ana.page.evaluate(() => document.documentElement.lang)).toBe('ja');
});

test('“user” is the language of the browser, here English, which needs no file', async () => {
  const room = await stage.rest.createRoom({ lang: 'user' });
  const ana = await CallPage.open(stage.browser, room.url);
  await ana.button('Join now').waitFor();
  expect(await languageFiles(ana)).toEqual([]);
});
