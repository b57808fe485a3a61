// The call page in a frame, driven by daily-js from outside: what every app may
// ask of a frame, and what it learns of what happens inside.
import { beforeEach, expect, test } from 'vitest';
import type { Frame } from 'playwright-core';

import { NEWEST } from '../src/app-server.ts';
import type { AppWindow } from '../src/app-window.ts';
import { declaredMethods } from '../src/daily-types.ts';
import { about } from '../src/events.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();

let ana: AppWindow;
let bo: Guest;

function inside(window: AppWindow): Frame {
  const frame = window.page.frames().find((each) => each !== window.page.mainFrame());
  if (frame === undefined) throw new Error('there is no frame');
  return frame;
}

beforeEach(async () => {
  const { url } = await stage.rest.createRoom({ enable_prejoin_ui: false });
  bo = await stage.guest(url, 'Bo', { startVideoOff: true });
  ana = await stage.window();
  await ana.createFrame({ url, userName: 'Ana', startVideoOff: true, iframeStyle: { width: '900px', height: '600px', position: 'fixed', top: '0', left: '0' } });
  const { session_id } = await ana.join();
  await bo.window.event('participant-joined', about(session_id));
});

test('what the app sets is on the page, and it is asked for it again', async () => {
  await ana.run('setSidebarView', 'chat');
  await ana.event('sidebar-view-changed', ({ view }: { view: string }) => view === 'chat');
  expect(await ana.run('getSidebarView')).toBe('chat');
  await ana.run('setTheme', { colors: { accent: '#008800' } });
  await ana.event('theme-updated');
  await expect.poll(() => inside(ana).evaluate(() => document.documentElement.style.getPropertyValue('--accent'))).toBe('#008800');
  await ana.run('loadCss', { cssText: 'body { --from-app: 1 }', bodyClass: 'from-app' });
  await expect.poll(() => inside(ana).evaluate(() => document.body.classList.contains('from-app') && getComputedStyle(document.body).getPropertyValue('--from-app').trim())).toBe('1');
  await ana.run('setDailyLang', 'de');
  await expect.poll(() => inside(ana).evaluate(() => document.documentElement.lang)).toBe('de');
  expect(await ana.run('getDailyLang')).toMatchObject({ lang: 'de', langSetting: 'de' });
  await ana.run('setShowLocalVideo', false);
  await ana.event('show-local-video-changed', ({ show }: { show: boolean }) => !show);
  await ana.run('setActiveSpeakerMode', true);
  await ana.event('active-speaker-mode-change', ({ enabled }: { enabled: boolean }) => enabled);
  expect(await ana.run('activeSpeakerMode')).toBe(true);
});

test('what happens in the frame is told to the app, which acts on it like on a call object', async () => {
  const me = (await ana.me()).session_id;
  await bo.window.run('sendAppMessage', { word: 'hello' });
  await ana.event<{ data: { word: string } }>('app-message', ({ data }) => data.word === 'hello');
  await ana.run('setUserName', 'Ana Maria');
  await expect.poll(async () => (await bo.window.sees(me))?.user_name).toBe('Ana Maria');
  await ana.run('setLocalAudio', false);
  await expect.poll(async () => (await bo.window.sees(me))?.tracks.audio.state).toBe('off');
  expect(await ana.run('getNetworkTopology')).toEqual({ topology: 'sfu' });
  expect((await ana.run<{ devices: unknown[] }>('enumerateDevices')).devices.length).toBeGreaterThan(0);
  expect(await ana.run('room')).toHaveProperty('config');
  await bo.window.run('leave');
  await ana.event('participant-left', about(bo.id));
});

test('every declared method settles in a frame too', async () => {
  const there = new Set(await ana.page.evaluate(() => window.app.methods()));
  const elsewhere = new Set(['on', 'once', 'off', 'leave', 'destroy', 'join', 'load', 'requestFullscreen']);
  const waiting: string[] = [];
  for (const method of declaredMethods(NEWEST).filter((name) => there.has(name) && !elsewhere.has(name))) {
    if ((await ana.settle(method, [])) === 'waiting') waiting.push(method);
  }
  expect(waiting).toEqual([]);
  expect(await ana.run('meetingState')).toBe('joined-meeting');
  for (const end of ['leave', 'destroy']) expect(await ana.settle(end)).toBe('resolved');
  await expect.poll(() => ana.page.locator('iframe').count()).toBe(0);
});
