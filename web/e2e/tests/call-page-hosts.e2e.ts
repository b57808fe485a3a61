// What hosts do with others.
import { expect, test } from 'vitest';

import { CallPage } from '../src/call-page.ts';
import type { Room } from '../src/rest.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

async function enter(room: Room, name: string, isOwner = false): Promise<CallPage> {
  const token = await stage.rest.token({ room_name: room.name, is_owner: isOwner, user_name: name });
  const page = await CallPage.open(stage.browser, `${room.url}?t=${token}`);
  await page.button('Join now').click();
  await page.control('Leave').waitFor();
  return page;
}

/** A host and a guest who see each other. */
async function pair(properties = {}): Promise<{ host: CallPage; bo: CallPage }> {
  const room = await stage.rest.createRoom({ start_video_off: true, ...properties });
  const [host, bo] = [await enter(room, 'Hanna', true), await enter(room, 'Bo')];
  await host.tile('Bo').first().waitFor();
  await bo.tile('Hanna').first().waitFor();
  return { host, bo };
}

/** Chooses something from somebody's menu in the list of people. */
async function choose(host: CallPage, name: string, action: string): Promise<void> {
  if (!(await host.page.getByRole('heading', { name: 'People' }).isVisible())) await host.page.keyboard.press('p');
  await host.page.getByRole('complementary').getByRole('button', { name: `Actions for ${name}` }).click();
  await host.page.getByRole('menuitem', { name: action, exact: true }).click();
}

test('a host mutes somebody, who is told, and asks them to unmute, which is theirs to do', async () => {
  const { host, bo } = await pair();
  await bo.control('Mute').waitFor();
  await choose(host, 'Bo', 'Mute');
  await bo.page.getByText('Hanna muted you').waitFor();
  await bo.control('Unmute').waitFor();
  await host.tile('Bo').filter({ hasText: 'muted' }).waitFor();
  await choose(host, 'Bo', 'Ask to unmute');
  await bo.page.getByText('Hanna asks you to unmute').waitFor();
  expect(await bo.control('Unmute').isVisible(), 'nobody is unmuted by others').toBe(true);
  await bo.page.locator('.toast').getByRole('button', { name: 'Unmute' }).click();
  await bo.control('Mute').waitFor();
  await host.button('Mute all').click();
  await bo.control('Unmute').waitFor();
  await host.expectClean(stage.origin);
  await bo.expectClean(stage.origin);
});

test('a host makes somebody a host, who then has the controls, and takes that back', async () => {
  const { host, bo } = await pair();
  await choose(host, 'Bo', 'Make host');
  await bo.page.getByText('You are a host now').waitFor();
  await bo.page.keyboard.press('p');
  await bo.button('Mute all').waitFor();
  await choose(host, 'Bo', 'Take back host');
  await bo.button('Mute all').waitFor({ state: 'detached' });
});

test('who may send nothing reads that they are listening, and speaks when a host lets them', async () => {
  const { host, bo } = await pair();
  await choose(host, 'Bo', 'Move to the audience');
  await bo.page.getByText('You are listening').waitFor();
  await choose(host, 'Bo', 'Let speak');
  await bo.control('Unmute').waitFor();
});

test('removing asks first, and the removed see it', async () => {
  const { host, bo } = await pair();
  await choose(host, 'Bo', 'Remove');
  const dialog = host.page.getByRole('dialog', { name: 'Remove Bo?' });
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await choose(host, 'Bo', 'Remove');
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await bo.page.getByRole('heading', { name: 'You were removed from the call' }).waitFor();
  await host.tile('Bo').first().waitFor({ state: 'detached' });
});

test('a host ends the call for everyone', async () => {
  const { host, bo } = await pair();
  await host.control('Leave').click();
  await host.page.getByRole('menuitem', { name: 'End for everyone' }).click();
  const dialog = host.page.getByRole('dialog', { name: 'End the call for everyone?' });
  await dialog.getByText('1 other person will be removed.').waitFor();
  await dialog.getByRole('button', { name: 'End for everyone' }).click();
  await host.page.getByRole('heading', { name: 'You left the call' }).waitFor();
  await bo.page.getByRole('heading', { name: 'You were removed from the call' }).waitFor();
});

test('the record button shows what the server answers', async () => {
  const room = await stage.rest.createRoom({ start_video_off: true, enable_recording: 'cloud' });
  const token = await stage.rest.token({ room_name: room.name, is_owner: true, user_name: 'Hanna', enable_recording_ui: true });
  const host = await CallPage.open(stage.browser, `${room.url}?t=${token}`);
  await host.button('Join now').click();
  await host.control('More').click();
  await host.page.getByRole('menuitem', { name: 'Record to the cloud' }).click();
  await host.page.locator('.toast p').waitFor();
});
