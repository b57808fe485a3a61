// Knocking: who asks to come in, and who opens.
import { expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { CallPage } from '../src/call-page.ts';
import type { Room } from '../src/rest.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

/** A private room that one may knock at. */
async function knockRoom(): Promise<Room> {
  return stage.rest.createRoom({ enable_knocking: true, enable_chat: true }, 'private');
}

async function enterAsHost(room: Room): Promise<CallPage> {
  const token = await stage.rest.token({ room_name: room.name, is_owner: true, user_name: 'Hanna' });
  const host = await CallPage.open(stage.browser, `${room.url}?t=${token}`);
  await host.button('Join now').click();
  await host.control('Leave').waitFor();
  return host;
}

/** Opens the page and asks to be let in. */
async function knock(room: Room, name: string): Promise<CallPage> {
  const guest = await CallPage.open(stage.browser, room.url);
  await guest.page.getByRole('textbox', { name: 'Your name' }).fill(name);
  await guest.button('Ask to join').click();
  await guest.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
  return guest;
}

const strip = (host: CallPage) => host.page.getByRole('alertdialog');

test('a guest asks to join, the host lets in, and the two meet', async () => {
  const room = await knockRoom();
  const host = await enterAsHost(room);
  const guest = await knock(room, 'Lena');
  await guest.page.getByText('have been told').waitFor();
  await guest.page.getByText(/^Asked 0:/u).waitFor();
  expect(await guest.page.title()).toBe(`Waiting · ${room.name}`);
  await strip(host).getByRole('heading', { name: 'Lena wants to join' }).waitFor();
  const hasFocus = await strip(host).evaluate((element) => element.contains(document.activeElement));
  expect(hasFocus, 'the focus is not stolen').toBe(false);
  await strip(host).getByRole('button', { name: 'Let in' }).click();
  await guest.control('Leave').waitFor();
  await host.tile('Lena').first().waitFor();
  await guest.tile('Hanna').first().waitFor();
  expect(await guest.page.title()).toBe(room.name);
  await host.expectClean(stage.origin);
  await guest.expectClean(stage.origin);
});

test('a denial can be undone for five seconds, and is told after them', async () => {
  const room = await knockRoom();
  const host = await enterAsHost(room);
  const guest = await knock(room, 'Lena');
  await strip(host).getByRole('button', { name: 'Deny' }).click();
  await host.button('Undo').click();
  await strip(host).getByRole('button', { name: 'Deny' }).click();
  await strip(host).waitFor({ state: 'detached' });
  expect(await guest.page.getByRole('heading', { name: 'Waiting to be let in' }).isVisible()).toBe(true);
  await guest.page.getByRole('heading', { name: 'You were not let in' }).waitFor();
  await guest.button('Ask again').click();
  await guest.button('Ask to join').waitFor();
});

test('with several at the door the list of people lets all in', async () => {
  const room = await knockRoom();
  const host = await enterAsHost(room);
  const [lena, daniel] = [await knock(room, 'Lena'), await knock(room, 'Daniel')];
  await strip(host).getByText('1 more waiting').waitFor();
  await strip(host).getByRole('button', { name: 'View all' }).click();
  await strip(host).waitFor({ state: 'detached' });
  await host.page.getByRole('heading', { name: /Waiting to join/u }).waitFor();
  await host.button('Let all in').click();
  await lena.control('Leave').waitFor();
  await daniel.control('Leave').waitFor();
});

test('before a host is there the guest reads so, can stop waiting, and be told when one comes', async () => {
  const room = await knockRoom();
  const guest = await knock(room, 'Lena');
  await guest.page.getByText('Nobody who can let you in is here yet').waitFor();
  const host = await enterAsHost(room);
  await guest.page.getByText('have been told').waitFor();
  await strip(host).waitFor();
  await guest.button('Stop waiting').click();
  await guest.button('Ask to join').waitFor();
  await strip(host).waitFor({ state: 'detached' });
});

test('the door is accessible on both of its sides, in both themes, on a desk and on a phone', async () => {
  const room = await knockRoom();
  const host = await enterAsHost(room);
  const guest = await knock(room, 'Lena');
  await strip(host).waitFor();
  await expectAccessible(guest.page, 'waiting');
  await expectAccessible(host.page, 'knock');
  await host.page.setViewportSize({ width: 1440, height: 900 });
  await host.page.keyboard.press('p');
  await host.page.getByRole('heading', { name: /Waiting to join/u }).waitFor();
  await expectAccessible(host.page, 'knock-people');
});
