// What stands on the stage: pages, screens, captions, and what is not sent because nobody sees it.
import type { Frame } from 'playwright-core';
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

test('more people than a page holds stand on pages, which keys and dots turn', async () => {
  const room = await stage.rest.createRoom({ start_video_off: true, start_audio_off: true });
  const ana = await CallPage.open(stage.browser, room.url);
  await ana.page.setViewportSize(phone);
  await ana.enter('Ana');
  for (let index = 1; index <= PHONE_PAGE; index += 1) await stage.guest(room.url, `Guest ${index}`, { startVideoOff: true, startAudioOff: true });
  const list = (name: string) => ana.page.getByRole('list', { name });
  await list('Page 1 of 2').waitFor();
  expect(await list('Page 1 of 2').getByRole('listitem').count()).toBe(PHONE_PAGE);
  await ana.page.keyboard.press('PageDown');
  await list('Page 2 of 2').waitFor();
  expect(await list('Page 2 of 2').getByRole('listitem').count()).toBe(1);
  await ana.button('Page 1 of 2').click();
  await list('Page 1 of 2').waitFor();
});

test('who stands on another page is not sent, and comes back with the page', async () => {
  const { url } = await stage.rest.createRoom({ enable_prejoin_ui: false, start_audio_off: true });
  const app = await stage.window();
  await app.createFrame({ url, userName: 'Ana', startVideoOff: true, layoutConfig: { grid: { maxTilesPerPage: 2 } }, iframeStyle: { width: '1000px', height: '700px' } });
  await app.join();
  await stage.guest(url, 'Bo');
  await stage.guest(url, 'Cy', { startVideoOff: true });
  const frame = app.page.frames().find((each) => each !== app.page.mainFrame());
  if (frame === undefined) throw new Error('there is no frame');
  await frame.getByRole('list', { name: 'Page 1 of 2' }).getByText('Bo').waitFor();
  await expect.poll(() => flows(frame)).toBe(true);
  await frame.getByRole('button', { name: 'Next page' }).click();
  await frame.getByRole('list', { name: 'Page 2 of 2' }).getByText('Cy').waitFor();
  await expect.poll(() => flows(frame)).toBe(false);
  await frame.getByRole('button', { name: 'Previous page' }).click();
  await expect.poll(() => flows(frame)).toBe(true);
});

/** Whether pictures arrive, over a second and a half. */
async function flows(frame: Frame): Promise<boolean> {
  return frame.evaluate(async () => {
    const count = async () => {
      const reports = await Promise.all(window.recorded.peerConnections.map((connection) => connection.getStats()));
      const inbound = reports.flatMap((report) => [...report.values()]).filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
      return inbound.reduce((sum: number, { framesReceived }) => sum + (framesReceived ?? 0), 0);
    };
    const before = await count();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return (await count()) > before;
  });
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
