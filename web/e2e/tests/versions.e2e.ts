import { expect, test } from 'vitest';

import { OLDEST } from '../src/app-server.ts';
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
