// What one receives of others by subscription, judged by the receiver's own
// statistics.
import { beforeEach, expect, test } from 'vitest';

import { about } from '../src/events.ts';
import { Stage, type Guest } from '../src/stage.ts';
import { count, expectFlows, expectTrack } from '../src/tracks.ts';

const stage = Stage.forThisFile();

let ana: Guest;
let bo: Guest;

/** Nothing arrives for a second, once what was on its way is here. */
async function rests(watcher: Guest, id: string, key: 'audio' | 'video'): Promise<void> {
  await expect
    .poll(
      async () => {
        const before = await count(watcher, id, 'packetsReceived', key);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return (await count(watcher, id, 'packetsReceived', key)) - before;
      },
      { timeout: 15_000, interval: 0 },
    )
    .toBe(0);
}

beforeEach(async () => {
  const { url } = await stage.rest.createRoom();
  bo = await stage.guest(url, 'Bo');
  ana = await stage.guest(url, 'Ana', { startVideoOff: true, startAudioOff: true, subscribeToTracksAutomatically: false });
  await ana.window.event('participant-joined', about(bo.id));
});

test('nothing is sent that nobody subscribed to; then what one subscribes to, and no more', async () => {
  await expectTrack(ana, bo.id, 'video', { state: 'sendable', subscribed: false });
  expect(await ana.window.received(bo.id)).toEqual({});
  await ana.window.run('updateParticipant', bo.id, { setSubscribedTracks: { audio: true } });
  await expectTrack(ana, bo.id, 'audio', { state: 'playable', subscribed: true });
  await expectTrack(ana, bo.id, 'video', { state: 'sendable', subscribed: false });
  await expectFlows(ana, bo.id, 'audio');
  await ana.window.run('updateParticipant', bo.id, { setSubscribedTracks: { audio: true, video: 'staged' } });
  await expectTrack(ana, bo.id, 'video', { state: 'sendable', subscribed: 'staged' });
  await ana.window.run('updateParticipants', { [bo.id]: { setSubscribedTracks: true } });
  await expectTrack(ana, bo.id, 'video', { state: 'playable', subscribed: true });
  await expectFlows(ana, bo.id, 'video');
  await ana.window.run('updateParticipant', bo.id, { setSubscribedTracks: 'avatar' });
  await expectTrack(ana, bo.id, 'video', { state: 'sendable', subscribed: false });
  await ana.window.run('setSubscribeToTracksAutomatically', true);
  expect(await ana.window.run('subscribeToTracksAutomatically')).toBe(true);
});

test('staged media stops at the server, and comes back', async () => {
  await ana.window.run('updateParticipant', bo.id, { setSubscribedTracks: true });
  await expectFlows(ana, bo.id, 'video');
  await ana.window.run('updateParticipant', bo.id, { setSubscribedTracks: 'staged' });
  await expectTrack(ana, bo.id, 'video', { state: 'sendable', subscribed: 'staged' });
  await rests(ana, bo.id, 'video');
  await ana.window.run('updateParticipant', bo.id, { setSubscribedTracks: true });
  await expectTrack(ana, bo.id, 'video', { state: 'playable' });
  await expectFlows(ana, bo.id, 'video');
});
