import { expect, test } from 'vitest';

import { CallPage } from '../src/call-page.ts';
import { expectSeesAndHears } from '../src/media.ts';
import { unixNow } from '../src/rest.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const open = (url: string): Promise<CallPage> => CallPage.open(stage.browser, url);

/** Two people who met on the call page. */
async function meeting(): Promise<{ ana: CallPage; bo: CallPage }> {
  const { url } = await stage.rest.createRoom();
  const [ana, bo] = [await open(url), await open(url)];
  await ana.enter('Ana');
  await bo.enter('Bo');
  await ana.tile('Bo').first().waitFor();
  await bo.tile('Ana').first().waitFor();
  return { ana, bo };
}

test('two people meet on the call page, see each other at 15 frames a second and hear each other', async () => {
  const { ana, bo } = await meeting();
  expect(ana.status).toBe(200);
  await Promise.all([expectSeesAndHears(ana, 'the other'), expectSeesAndHears(bo, 'the other')]);
  const sizes = await ana.pictureSizes();
  expect(sizes.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  await ana.expectClean(stage.origin);
  await bo.expectClean(stage.origin);
});

test('mute and camera are told to the other, in words', async () => {
  const { ana, bo } = await meeting();
  await ana.control('Mute').click();
  await ana.control('Unmute').waitFor();
  await bo.tile('Ana').filter({ hasText: 'muted' }).waitFor();
  await ana.control('Stop video').click();
  await bo.tile('Ana').filter({ hasText: 'camera off' }).waitFor();
  await ana.control('Unmute').click();
  await ana.control('Start video').click();
  await expectSeesAndHears(bo, 'the other');
});

test('who leaves sees that the call is over for them, is gone for the other, and can come back', async () => {
  const { ana, bo } = await meeting();
  await ana.control('Leave').click();
  await ana.page.getByRole('heading', { name: 'You left the call' }).waitFor();
  await bo.tile('Ana').first().waitFor({ state: 'detached' });
  await ana.button('Rejoin').click();
  await ana.control('Leave').waitFor();
  await bo.tile('Ana').first().waitFor();
});

test('an app window and the call page meet in one room', async () => {
  const { url } = await stage.rest.createRoom();
  const page = await open(url);
  await page.enter('On the page');
  const app = await stage.guest(url, 'In the app');
  await page.tile('In the app').first().waitFor();
  const other = Object.values(await app.window.participants()).find((participant) => !participant.local);
  expect(other?.user_name).toBe('On the page');
  await Promise.all([expectSeesAndHears(page, 'the app'), expectSeesAndHears(app.window, other?.session_id ?? '')]);
});

test('the whole way in and out works by keyboard', async () => {
  const { url } = await stage.rest.createRoom({ enable_chat: true });
  const ana = await open(url);
  await ana.button('Join now').waitFor();
  await expect.poll(() => reach(ana, 'Join now')).toBe(true);
  await ana.page.getByRole('textbox', { name: 'Your name' }).focus();
  await ana.page.keyboard.type('Ana');
  await ana.page.keyboard.press('Enter');
  await ana.control('Mute').waitFor();
  await ana.page.keyboard.press('m');
  await ana.control('Unmute').waitFor();
  await ana.page.keyboard.press('v');
  await ana.control('Start video').waitFor();
  await ana.page.keyboard.press('c');
  await expect.poll(() => ana.focused()).toBe('');
  await ana.page.keyboard.type('Written without a mouse');
  await ana.page.keyboard.press('Enter');
  await ana.page.getByRole('log').getByText('Written without a mouse').waitFor();
  await ana.page.keyboard.press('Escape');
  await ana.page.getByRole('log').waitFor({ state: 'detached' });
  await ana.page.keyboard.press('Control+k');
  await ana.page.getByRole('combobox', { name: 'Type what to do' }).waitFor();
  await ana.page.keyboard.type('settings');
  await ana.page.keyboard.press('Enter');
  await ana.page.getByRole('dialog', { name: 'Settings' }).waitFor();
  await ana.page.keyboard.press('Escape');
  expect(await reach(ana, /^(Unmute|Start video|Leave)/)).toBe(true);
  await ana.page.keyboard.press('End');
  expect(await ana.focused()).toMatch(/^Leave/);
  await ana.page.keyboard.press('Enter');
  await ana.page.getByRole('heading', { name: 'You left the call' }).waitFor();
});

/** Whether Tab comes to something of that name. */
async function reach(page: CallPage, name: string | RegExp): Promise<boolean> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.page.keyboard.press('Tab');
    const focused = await page.focused();
    if (typeof name === 'string' ? focused === name : name.test(focused)) return true;
  }
  return false;
}

test('a room that does not exist has a page that says so, with 404', async () => {
  const page = await open(`${stage.origin}/no-such-room-here`);
  await page.page.getByRole('heading', { name: 'There is no room here' }).waitFor();
  expect(page.status).toBe(404);
  await expect.poll(() => page.focused()).toBe('There is no room here');
});

test('a private room has a page that says so, with 403, and opens with a token in the address', async () => {
  const room = await stage.rest.createRoom({}, 'private');
  const page = await open(room.url);
  await page.page.getByRole('heading', { name: 'This room is private' }).waitFor();
  expect(page.status).toBe(403);
  const invited = await open(`${room.url}?t=${await stage.rest.token({ room_name: room.name, user_name: 'Olga' })}`);
  expect(invited.status).toBe(200);
  await invited.button('Join now').click();
  await invited.control('Leave').waitFor();
  await invited.tile('Olga').first().waitFor();
});

test('an expired room has a page that says so, with 410', async () => {
  const room = await stage.rest.createRoom({ exp: unixNow() + 2 });
  await expect.poll(async () => (await stage.rest.send('GET', `/rooms/${room.name}`)).status).toBe(404);
  const page = await open(room.url);
  await page.page.getByRole('heading', { name: 'This room is closed' }).waitFor();
  expect(page.status).toBe(410);
});

test('a full room has a page that says so, with 503, and lets in by itself when a place is free', async () => {
  const room = await stage.rest.createRoom({ max_participants: 1 });
  const inside = await stage.guest(room.url, 'Inside');
  const page = await open(room.url);
  await page.page.getByRole('heading', { name: 'The room is full' }).waitFor();
  expect(page.status).toBe(503);
  await inside.window.run('leave');
  await page.page.getByRole('button', { name: /Join now|Leave/ }).first().waitFor({ timeout: 30_000 });
});

test('a room without pre-join goes straight into the call', async () => {
  const room = await stage.rest.createRoom({ enable_prejoin_ui: false, start_audio_off: true });
  const page = await open(room.url);
  await page.control('Leave').waitFor();
  await page.control('Unmute').waitFor();
});
