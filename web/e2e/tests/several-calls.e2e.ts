// Several call objects on one page, and one object that is used again and again.
import { expect, test } from 'vitest';

import { about } from '../src/events.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

test('two call objects on one page are two people, in two rooms at once', async () => {
  const [one, two] = await Promise.all([stage.rest.createRoom(), stage.rest.createRoom()]);
  const page = await stage.window();
  const ids = await page.page.evaluate(
    async ([urls, proxyUrl]) => {
      const { Daily } = window as unknown as { Daily: { createCallObject(options: object): { join(options: object): Promise<{ local: { session_id: string } }>; setLocalAudio(on: boolean): void; localAudio(): boolean; leave(): Promise<void>; destroy(): Promise<void> } } };
      const calls = urls.map((url) => Daily.createCallObject({ url, dailyConfig: { proxyUrl }, allowMultipleCallInstances: true, startVideoOff: true }));
      const joined = await Promise.all(calls.map((call) => call.join({})));
      calls[0]?.setLocalAudio(false);
      while (calls[0]?.localAudio()) await new Promise(requestAnimationFrame);
      const audio = calls.map((call) => call.localAudio());
      await calls[0]?.leave();
      return { ids: joined.map(({ local }) => local.session_id), audio };
    },
    [[one.url, two.url], stage.origin] as const,
  );
  expect(new Set(ids.ids).size).toBe(2);
  expect(ids.audio).toEqual([false, true]);
  // The second is still there when the first has gone.
  const bo = await stage.guest(two.url, 'Bo', { startVideoOff: true });
  await bo.window.event('participant-joined', about(ids.ids[1] ?? ''));
  const cy = await stage.guest(one.url, 'Cy', { startVideoOff: true });
  expect(await cy.window.run('participantCounts')).toMatchObject({ present: 1 });
});

test('preAuth locks the address; the camera that runs before the join runs on in it', async () => {
  const [room, other] = await Promise.all([stage.rest.createRoom(), stage.rest.createRoom()]);
  const ana = await stage.caller(room.url);
  expect(await ana.run('preAuth', { url: room.url })).toEqual({ access: { level: 'full' } });
  await ana.run('startCamera');
  const { tracks } = await ana.me();
  expect(await ana.settle('join', [{ url: other.url }])).toBe('rejected');
  const joined = await ana.join({ url: room.url });
  expect(joined.tracks.video.track?.id).toBe(tracks.video.track?.id);
  expect(joined.tracks.audio.track?.id).toBe(tracks.audio.track?.id);
  expect(await ana.run('room')).toMatchObject({ name: room.name, id: room.id });
});

test('one object joins another room after leaving, with nothing of the first call', async () => {
  const [first, second] = await Promise.all([stage.rest.createRoom(), stage.rest.createRoom()]);
  const bo = await stage.guest(second.url, 'Bo', { startVideoOff: true });
  const cy = await stage.guest(first.url, 'Cy', { startVideoOff: true });
  const ana = await stage.guest(first.url, 'Ana', { startVideoOff: true });
  await ana.window.run('updateReceiveSettings', { [cy.id]: { video: { layer: 0 } } });
  await ana.window.run('startCustomTrack', { track: { $track: 'audio' }, trackName: 'tone' });
  await ana.window.run('leave');
  const again = await ana.window.join({ url: second.url });
  expect(again.session_id).not.toBe(ana.id);
  expect(again.tracks['tone']).toBeUndefined();
  await ana.window.event('participant-joined', about(bo.id));
  expect(Object.keys(await ana.window.participants()).toSorted()).toEqual(['local', bo.id].toSorted());
  expect(await ana.window.run('getReceiveSettings')).not.toHaveProperty(cy.id);
});
