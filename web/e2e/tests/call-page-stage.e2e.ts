// What stands on the stage: pages, screens, captions, and what is not sent because nobody sees it.
import { expect, test } from 'vitest';

import { CallPage } from '../src/call-page.ts';
import { PHONE_PAGE, phone } from '../src/phone.ts';
import type { Room } from '../src/rest.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

async function enter(room: Pick<Room, 'url'>, name: string): Promise<CallPage> {
  const page = await CallPage.open(stage.browser, room.url);
  await page.enter(name);
  return page;
}

test('more people than a page holds stand on pages, and who is on another page is not sent', async () => {
  const room = await stage.rest.createRoom({ start_video_off: true, start_audio_off: true });
  const ana = await CallPage.open(stage.browser, room.url);
  await ana.page.setViewportSize(phone);
  await ana.enter('Ana');
  for (let index = 1; index <= PHONE_PAGE; index += 1) await stage.guest(room.url, `Guest ${index}`, { startVideoOff: index > 1, startAudioOff: true });
  const list = (name: string) => ana.page.getByRole('list', { name });
  await list('Page 1 of 2').waitFor();
  expect(await list('Page 1 of 2').getByRole('listitem').count()).toBe(PHONE_PAGE);
  await ana.tile('Guest 1').locator('video').waitFor();
  await expect.poll(() => flows(ana)).toBe(true);
  await ana.page.keyboard.press('PageDown');
  await list('Page 2 of 2').waitFor();
  expect(await list('Page 2 of 2').getByRole('listitem').count()).toBe(1);
  await expect.poll(() => flows(ana)).toBe(false);
  await ana.button('Page 1 of 2').click();
  await list('Page 1 of 2').waitFor();
  await expect.poll(() => flows(ana)).toBe(true);
});

/** Whether pictures arrive, over a second. */
async function flows(page: CallPage): Promise<boolean> {
  const frames = async () => (await page.received()).video?.framesDecoded ?? 0;
  const before = await frames();
  await page.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
  return (await frames()) > before;
}

test('a shared screen is shown whole, at its own size to move around in, and its end brings the grid back', async () => {
  const room = await stage.rest.createRoom({ start_video_off: true });
  const [ana, bo] = [await enter(room, 'Ana'), await enter(room, 'Bo')];
  await bo.control('Share').click();
  await bo.page.getByText('You are sharing your screen').waitFor();
  await ana.page.getByRole('img', { name: 'Bo’s screen' }).waitFor();
  await expect.poll(() => ana.page.locator('.sh-main video').evaluate((video: HTMLVideoElement) => video.videoWidth)).toBeGreaterThan(0);
  await ana.button('Show at 100 %').click();
  const pannable = ana.page.getByRole('group', { name: /Bo’s screen/u });
  await pannable.focus();
  await ana.page.keyboard.press('ArrowRight');
  await ana.button('Fit to the window').click();
  await ana.page.getByRole('img', { name: 'Bo’s screen' }).waitFor();
  const [popped] = await Promise.all([ana.page.context().waitForEvent('page'), ana.button('Open in a window of its own').click()]);
  await popped.getByRole('main', { name: 'Bo’s screen' }).waitFor();
  const closed = popped.waitForEvent('close');
  await bo.page.locator('.strip-row.share').getByRole('button', { name: 'Stop' }).click();
  await ana.page.locator('.sh-main').waitFor({ state: 'detached' });
  await closed;
  await ana.expectClean(stage.origin);
});

test('captions stand in a strip of their own, and can be read again', async () => {
  const room = await stage.rest.createRoom({ start_video_off: true, enable_live_captions_ui: true });
  const [ana, bo] = [await enter(room, 'Ana'), await enter(room, 'Bo')];
  await ana.control('More').waitFor();
  await ana.page.keyboard.press('t');
  const strip = ana.page.getByRole('region', { name: 'Captions' });
  await strip.waitFor();
  const presence = async () => (await stage.rest.send<{ data: { id: string; userName: string }[] }>('GET', `/rooms/${room.name}/presence`)).body.data;
  await expect.poll(async () => (await presence()).length, { timeout: 16_000 }).toBe(2);
  const participantId = (await presence()).find(({ userName }) => userName === 'Bo')?.id;
  await stage.rest.act(room, 'send-app-message', { data: { event: 'transcription-message', participantId, text: 'Nobody gave up waiting.' } });
  await strip.getByText('Nobody gave up waiting.').waitFor();
  await strip.getByRole('button', { name: /Captions of the last/u }).click();
  await ana.page.getByRole('dialog').getByText('Nobody gave up waiting.').waitFor();
  await bo.control('Leave').waitFor();
});

test('emoji go under messages, for everybody to see', async () => {
  const room = await stage.rest.createRoom({ start_video_off: true, enable_chat: true, enable_advanced_chat: true });
  const [ana, bo] = [await enter(room, 'Ana'), await enter(room, 'Bo')];
  await ana.button('Chat').click();
  await ana.page.getByRole('button', { name: 'Emoji' }).click();
  await ana.page.getByRole('menuitem', { name: '🎉' }).click();
  await ana.page.getByRole('textbox', { name: 'Message to everyone' }).press('Enter');
  await bo.button(/^Chat/u).click();
  await bo.page.getByRole('log').getByText('🎉').waitFor();
  await bo.button('React to the message of Ana').click();
  await bo.page.getByRole('menuitem', { name: '👍' }).click();
  await ana.button(/👍 1.*from Bo/u).waitFor();
});
