// Tracks of the application's own, screens in parts, and input settings.
import { expect, test } from 'vitest';

import type { AboutTrack } from '../src/events.ts';
import { Stage, type Guest } from '../src/stage.ts';
import { expectTrack } from '../src/tracks.ts';

const stage = Stage.forThisFile();
const QUIET = { startVideoOff: true, startAudioOff: true };

async function pair(): Promise<{ ana: Guest; bo: Guest; url: string }> {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.guest(url, 'Ana', QUIET);
  const bo = await stage.guest(url, 'Bo', QUIET);
  return { ana, bo, url };
}

async function seesFrames(watcher: Guest, id: string, key: string): Promise<void> {
  const before = (await watcher.window.received(id))[key]?.framesDecoded ?? 0;
  await expect.poll(async () => (await watcher.window.received(id))[key]?.framesDecoded ?? 0, { timeout: 15_000 }).toBeGreaterThan(before + 5);
}

async function hears(watcher: Guest, id: string, key: string): Promise<void> {
  await expect.poll(async () => (await watcher.window.received(id))[key]?.totalAudioEnergy ?? 0, { timeout: 15_000 }).toBeGreaterThan(0);
}

test('custom tracks reach the others under their names, with their kinds, and end', async () => {
  const { ana, bo, url } = await pair();
  expect(await ana.window.run('startCustomTrack', { track: { $track: 'video' }, trackName: 'film' })).toBe('film');
  const unnamed = await ana.window.run<string>('startCustomTrack', { track: { $track: 'audio' }, mode: 'music' });
  expect(unnamed).toBeTruthy();
  await Promise.all([expectTrack(bo, ana.id, 'film', { state: 'playable', kind: 'video' }), expectTrack(bo, ana.id, unnamed, { state: 'playable', kind: 'audio' })]);
  await bo.window.event<AboutTrack & { type: string }>('track-started', ({ type, participant }) => type === 'film' && participant?.session_id === ana.id);
  await expectTrack(ana, 'local', 'film', { state: 'playable', kind: 'video' });
  await Promise.all([seesFrames(bo, ana.id, 'film'), hears(bo, ana.id, unnamed)]);
  // Who comes later gets them too.
  const late = await stage.guest(url, 'Late', QUIET);
  await expectTrack(late, ana.id, 'film', { state: 'playable' });
  expect(await ana.window.run('stopCustomTrack', 'film')).toBe('film');
  await bo.window.event<AboutTrack & { type: string }>('track-stopped', ({ type }) => type === 'film');
  await expectTrack(bo, ana.id, unnamed, { state: 'playable' });
  expect((await bo.window.sees(ana.id))?.tracks['film']?.state ?? 'gone').not.toBe('playable');
});

test('a name that is taken, or of a track that every participant has, is refused', async () => {
  const { ana } = await pair();
  await ana.window.run('startCustomTrack', { track: { $track: 'video' }, trackName: 'film' });
  expect(await ana.window.settle('startCustomTrack', [{ track: { $track: 'video' }, trackName: 'video' }])).not.toBe('resolved');
  expect(await ana.window.settle('startCustomTrack', [{ track: { $track: 'video' }, trackName: 'film' }])).toBe('rejected');
});

test('a shared screen is paused and resumed in parts, and stopped', async () => {
  const { ana, bo } = await pair();
  await ana.window.run('startScreenShare', { mediaStream: { $stream: ['video', 'audio'] }, screenVideoSendSettings: 'motion-optimized' });
  await Promise.all([expectTrack(bo, ana.id, 'screenVideo', { state: 'playable' }), expectTrack(bo, ana.id, 'screenAudio', { state: 'playable' })]);
  await Promise.all([seesFrames(bo, ana.id, 'screenVideo'), hears(bo, ana.id, 'screenAudio')]);
  expect(await ana.window.run('getSendSettings')).toMatchObject({ screenVideo: 'motion-optimized' });
  await ana.window.run('updateScreenShare', { screenAudio: { enabled: false } });
  await expectTrack(bo, ana.id, 'screenAudio', { state: 'off' });
  await expectTrack(bo, ana.id, 'screenVideo', { state: 'playable' });
  await ana.window.run('updateScreenShare', { screenAudio: { enabled: true }, screenVideo: { enabled: false } });
  await Promise.all([expectTrack(bo, ana.id, 'screenAudio', { state: 'playable' }), expectTrack(bo, ana.id, 'screenVideo', { state: 'off' })]);
  await ana.window.run('updateScreenShare', { screenVideo: { enabled: true } });
  await expectTrack(bo, ana.id, 'screenVideo', { state: 'playable' });
  await seesFrames(bo, ana.id, 'screenVideo');
  await ana.window.run('stopScreenShare');
  await ana.window.event('local-screen-share-stopped');
  await Promise.all([expectTrack(bo, ana.id, 'screenAudio', { state: 'off' }), expectTrack(bo, ana.id, 'screenVideo', { state: 'off' })]);
});

test('input settings take a track of the application and constraints; a processor that cannot be had is told of', async () => {
  const { ana, bo } = await pair();
  await ana.window.run('updateInputSettings', { video: { settings: { customTrack: { $track: 'video' } } } });
  await ana.window.run('setLocalVideo', true);
  await expectTrack(bo, ana.id, 'video', { state: 'playable' });
  await expect.poll(async () => (await bo.window.received(ana.id)).video?.frameWidth, { timeout: 15_000 }).toBe(640);
  const { video } = await ana.window.run<{ video: { processor?: { type: string } } }>('updateInputSettings', {
    video: { processor: { type: 'background-blur', config: { strength: 0.5 } } },
  });
  // The fake camera offers no blur of its own; where one does, it is on.
  if (video.processor?.type !== 'background-blur') {
    await ana.window.event('nonfatal-error', ({ type }: { type: string }) => type === 'video-processor-error');
  }
  await ana.window.event('input-settings-updated');
  expect(await ana.window.run('getInputSettings')).toMatchObject({ video: {} });
});
