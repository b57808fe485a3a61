// What an application makes of the call page in a frame: buttons, words, names and style of its own.
import { expect, test } from 'vitest';
import type { Frame } from 'playwright-core';

import type { AppWindow } from '../src/app-window.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

/** The call page inside, once it is there. */
async function inside(window: AppWindow): Promise<Frame> {
  const frame = window.page.frames().find((each) => each !== window.page.mainFrame());
  if (frame === undefined) throw new Error('there is no frame');
  return frame;
}

async function framed(options: object): Promise<{ app: AppWindow; frame: Frame }> {
  const { url } = await stage.rest.createRoom({ enable_prejoin_ui: false, start_video_off: true });
  await stage.guest(url, 'Bo', { startVideoOff: true });
  const app = await stage.window();
  await app.page.setViewportSize({ width: 1280, height: 800 });
  await app.createFrame({ url, userName: 'Ana', iframeStyle: { width: '1200px', height: '760px', position: 'fixed', top: '0', left: '0' }, ...options });
  await app.join();
  return { app, frame: await inside(app) };
}

test('buttons of the app stand in the bar with its icons, and tell it when they are pressed', async () => {
  const customTrayButtons = { notes: { iconPath: `${stage.appUrl}/note.svg`, label: 'Notes', tooltip: 'Open the notes' } };
  const { app, frame } = await framed({ customTrayButtons });
  const button = frame.getByRole('toolbar').getByRole('button', { name: 'Notes' });
  await button.waitFor();
  await expect.poll(() => button.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await button.click();
  await app.event<{ button_id: string }>('custom-button-click', ({ button_id }) => button_id === 'notes');
  await app.run('updateCustomTrayButtons', { notes: { ...customTrayButtons.notes, visualState: 'active' } });
  await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
});

test('the app chooses language, names, its own picture and its style file', async () => {
  const { app, frame } = await framed({ lang: 'de', cssFile: `${stage.appUrl}/frame.css`, showLeaveButton: true });
  await frame.getByRole('toolbar').getByRole('button', { name: 'Verlassen' }).waitFor();
  await expect.poll(() => frame.evaluate(() => getComputedStyle(document.body).getPropertyValue('--from-file').trim())).toBe('1');
  await app.run('setShowNamesMode', 'never');
  await expect.poll(() => frame.locator('.chip.nm .ellip').count()).toBe(0);
  await app.run('setShowLocalVideo', false);
  await frame.locator('.float').waitFor({ state: 'detached' });
  await app.run('setShowLocalVideo', true);
  await frame.locator('.float').waitFor();
});
