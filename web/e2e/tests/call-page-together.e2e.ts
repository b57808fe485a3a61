// What people on the call page do to each other, and what a server does to them there.
import { expect, test } from 'vitest';

import { CallPage } from '../src/call-page.ts';
import type { Room } from '../src/rest.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

const TALKATIVE = { start_video_off: true, enable_chat: true, enable_hand_raising: true, enable_emoji_reactions: true };

async function enter(room: Room, name: string): Promise<CallPage> {
  const page = await CallPage.open(stage.browser, room.url);
  await page.enter(name);
  return page;
}

async function idOf(room: Room, userName: string): Promise<string> {
  const look = async () => (await stage.rest.send<{ data: { id: string; userName: string }[] }>('GET', `/rooms/${room.name}/presence`)).body.data;
  await expect.poll(async () => (await look()).map((person) => person.userName), { timeout: 16_000 }).toContain(userName);
  return (await look()).find((person) => person.userName === userName)?.id ?? '';
}

test('a raised hand, a reaction and the chat so far reach others, and who comes later', async () => {
  const room = await stage.rest.createRoom(TALKATIVE);
  const ana = await enter(room, 'Ana');
  await ana.control('Raise hand').click();
  await ana.button('Chat').click();
  await ana.page.getByRole('textbox', { name: 'Message to everyone' }).fill('Said before Bo came');
  await ana.page.keyboard.press('Enter');
  const bo = await enter(room, 'Bo');
  await bo.tile('Ana').filter({ hasText: 'number 1 in the queue' }).waitFor();
  await bo.button('Chat').click();
  await bo.page.getByRole('log').getByText('Said before Bo came').waitFor();
  await bo.control('React').click();
  await bo.page.getByRole('menuitem', { name: 'clap' }).click();
  await ana.page.locator('.floats').waitFor();
  await ana.control('Lower hand').click();
  await bo.tile('Ana').filter({ hasText: 'in the queue' }).waitFor({ state: 'detached' });
  await ana.expectClean(stage.origin);
  await bo.expectClean(stage.origin);
});

test('without its switches the page has neither hands nor reactions, and app data of others is no chat', async () => {
  const room = await stage.rest.createRoom({ start_video_off: true, enable_chat: true });
  const ana = await enter(room, 'Ana');
  expect(await ana.control('Raise hand').count()).toBe(0);
  expect(await ana.control('React').count()).toBe(0);
  await stage.rest.act(room, 'send-app-message', { data: { anything: ['at', 'all'] } });
  await stage.rest.act(room, 'send-app-message', { data: { event: 'chat-msg', message: 'From the server', name: 'The host' } });
  await ana.button(/^Chat/).click();
  await ana.page.getByRole('log').getByText('From the server').waitFor();
  expect(await ana.page.locator('.msg').count()).toBe(1);
});

test('who is ejected sees that, and who may no longer speak is told and has no microphone control', async () => {
  const room = await stage.rest.createRoom({ start_video_off: true });
  const ana = await enter(room, 'Ana');
  const id = await idOf(room, 'Ana');
  await stage.rest.act(room, 'update-permissions', { data: { [id]: { canSend: false } } });
  await ana.page.getByText('You can no longer speak here').waitFor();
  await ana.page.getByText('You are listening').waitFor();
  await stage.rest.act(room, 'update-permissions', { data: { [id]: { canSend: true } } });
  await ana.control('Unmute').click();
  await ana.control('Mute').waitFor();
  await stage.rest.act(room, 'eject', { ids: [id] });
  await ana.page.getByRole('heading', { name: 'You were removed from the call' }).waitFor();
  await expect.poll(() => ana.focused()).toBe('You were removed from the call');
});

test('the small window shows the call with its controls, and goes with it', async () => {
  const room = await stage.rest.createRoom({ enable_pip_ui: true });
  const ana = await enter(room, 'Ana');
  await ana.control('More').click();
  const [small] = await Promise.all([ana.page.context().waitForEvent('page'), ana.page.getByRole('menuitem', { name: 'Picture in picture' }).click()]);
  await small.getByText('Ana').waitFor();
  await small.getByRole('button', { name: 'Mute' }).click();
  await ana.control('Unmute').waitFor();
  const gone = small.waitForEvent('close');
  await small.getByRole('button', { name: 'Leave' }).click();
  await gone;
  await ana.page.getByRole('heading', { name: 'You left the call' }).waitFor();
  await ana.expectClean(stage.origin);
});
