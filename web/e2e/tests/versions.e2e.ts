import { describe, expect, test } from 'vitest';

import { NEWEST, OLDEST, VERSIONS } from '../src/app-server.ts';
import { about } from '../src/events.ts';
import { expectTalk } from '../src/media.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

test('two windows with the newest daily-js see each other at 15 frames a second and hear each other', async () => {
  const room = await stage.rest.createRoom();
  const ana = await stage.guest(room.url, 'Ana');
  const bo = await stage.guest(room.url, 'Bo');
  await expectTalk(ana.window, ana.id, bo.window, bo.id);
  for (const { window } of [ana, bo]) {
    expect(window.traffic.foreign(stage.appUrl, stage.origin)).toEqual([]);
    expect(window.traffic.complaints).toEqual([]);
  }
});

describe.each(VERSIONS)('daily-js %s', (version) => {
  test('joins, sees and hears somebody on the newest one, and is seen and heard', async () => {
    const room = await stage.rest.createRoom();
    const old = await stage.guest(room.url, 'Old', {}, version);
    const newest = await stage.guest(room.url, 'New', {}, NEWEST);
    await expectTalk(old.window, old.id, newest.window, newest.id);
    expect(await old.window.sees(newest.id)).toMatchObject({ user_name: 'New', local: false, audio: true, video: true });
    expect(await newest.window.sees(old.id)).toMatchObject({ user_name: 'Old', local: false, audio: true, video: true });
  });
});

test('the oldest leaves and comes back with the same object, and the newest sees it again', async () => {
  const room = await stage.rest.createRoom();
  const newest = await stage.guest(room.url, 'New');
  const oldest = await stage.guest(room.url, 'Old', {}, OLDEST);
  await newest.window.event('participant-joined', about(oldest.id));
  await oldest.window.run('leave');
  await newest.window.event('participant-left', about(oldest.id));
  const again = await oldest.window.join();
  await expectTalk(oldest.window, again.session_id, newest.window, newest.id);
});
