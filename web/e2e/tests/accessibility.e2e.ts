import { expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { CallPage } from '../src/call-page.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

test('the page before the call is accessible in both themes, on a desk and on a phone', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await CallPage.open(stage.browser, url);
  await ana.button('Join now').waitFor();
  await expect.poll(async () => (await ana.pictureSizes()).filter((width) => width > 0).length).toBe(1);
  await expectAccessible(ana.page, 'prejoin');
});

test('the call is accessible in both themes, on a desk and on a phone', async () => {
  const { url } = await stage.rest.createRoom();
  const [ana, bo] = [await CallPage.open(stage.browser, url), await CallPage.open(stage.browser, url)];
  await ana.enter('Ana');
  await bo.enter('Bo');
  await ana.tile('Bo').first().waitFor();
  await expect.poll(async () => (await ana.pictureSizes()).filter((width) => width > 0).length).toBe(2);
  await expectAccessible(ana.page, 'call');
});

test('the pages that prevent a call are accessible in both themes, on a desk and on a phone', async () => {
  const missing = await CallPage.open(stage.browser, `${stage.origin}/no-such-room`);
  await missing.page.getByRole('heading', { name: 'There is no room here' }).waitFor();
  await expectAccessible(missing.page, 'no-room');
  const room = await stage.rest.createRoom({}, 'private');
  const closed = await CallPage.open(stage.browser, room.url);
  await closed.page.getByRole('heading', { name: 'This room is private' }).waitFor();
  await expectAccessible(closed.page, 'private');
});
