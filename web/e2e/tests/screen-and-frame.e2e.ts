import { expect, test } from 'vitest';

import { NEWEST, OLDEST } from '../src/app-server.ts';
import { about, type AboutTrack } from '../src/events.ts';
import { expectSeesAndHears } from '../src/media.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

test.each([NEWEST, OLDEST])('a screen shared by daily-js %s reaches the others, and its end too', async (version) => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.guest(url, 'Ana', {}, version);
  const bo = await stage.guest(url, 'Bo');
  await ana.window.run('startScreenShare');
  await bo.window.event<AboutTrack & { type: string }>(
    'track-started',
    ({ participant, type }) => participant?.session_id === ana.id && type === 'screenVideo',
  );
  await expect
    .poll(async () => (await bo.window.received(ana.id)).screenVideo?.framesDecoded ?? 0)
    .toBeGreaterThan(5);
  await expectSeesAndHears(bo.window, ana.id);
  await ana.window.run('stopScreenShare');
  await expect.poll(async () => (await bo.window.sees(ana.id))?.tracks.screenVideo.state).toBe('off');
});

test.each([NEWEST, OLDEST])('the call page in a frame of daily-js %s joins, is seen, and leaves', async (version) => {
  const { url } = await stage.rest.createRoom({ enable_prejoin_ui: false });
  const bo = await stage.guest(url, 'Bo');
  const ana = await stage.window(version);
  await ana.createFrame({ url, userName: 'In the frame' });
  const { session_id: id } = await ana.join();
  await bo.window.event('participant-joined', about(id));
  await expectSeesAndHears(bo.window, id);
  expect(await bo.window.sees(id)).toMatchObject({ user_name: 'In the frame' });
  expect(await ana.sees(bo.id)).toMatchObject({ user_name: 'Bo' });
  await ana.run('setLocalVideo', false);
  await expect.poll(async () => (await bo.window.sees(id))?.tracks.video.state).toBe('off');
  await ana.run('leave');
  await bo.window.event('participant-left', about(id));
});
