// What apps do with the call object besides the plain way in and out.
import { expect, test } from 'vitest';

import { NEWEST, OLDEST } from '../src/app-server.ts';
import { about } from '../src/events.ts';
import { expectSeesAndHears } from '../src/media.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

test.each([NEWEST, OLDEST])('tracks of the app itself are sent by daily-js %s', async (version) => {
  const { url } = await stage.rest.createRoom();
  const bo = await stage.guest(url, 'Bo');
  const ana = await stage.window(version);
  await ana.page.evaluate(
    ([url, proxyUrl]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
      const brush = canvas.getContext('2d');
      setInterval(() => brush?.fillRect(Math.random() * 320, Math.random() * 180, 9, 9), 40);
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      const microphone = sound.createMediaStreamDestination();
      tone.connect(microphone);
      tone.start();
      const [videoSource] = canvas.captureStream(25).getVideoTracks();
      const [audioSource] = microphone.stream.getAudioTracks();
      window.app.create({ url, dailyConfig: { proxyUrl }, videoSource, audioSource });
    },
    [url, stage.origin] as const,
  );
  const { session_id: id } = await ana.join();
  expect((await expectSeesAndHears(bo.window, id)).width).toBe(320);
});

test('another microphone is the same track to the others', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.guest(url, 'Ana');
  const bo = await stage.guest(url, 'Bo');
  await expect.poll(async () => (await bo.window.sees(ana.id))?.tracks.audio.state).toBe('playable');
  const before = await bo.window.sees(ana.id);
  const { device } = await ana.window.run<{ device: { label: string } | null }>('cycleMic');
  expect(device?.label).not.toBe('');
  await expectSeesAndHears(bo.window, ana.id);
  expect((await bo.window.sees(ana.id))?.tracks.audio.track).toEqual(before?.tracks.audio.track);
  expect(await bo.window.events('track-stopped')).toEqual([]);
});

test('joining and leaving over and over leaves nothing behind', async () => {
  const { url } = await stage.rest.createRoom();
  const bo = await stage.guest(url, 'Bo');
  const ana = await stage.caller(url);
  for (let round = 0; round < 4; round += 1) {
    await ana.join();
    await ana.run('leave');
  }
  const { session_id: id } = await ana.join();
  await expect.poll(async () => Object.keys(await bo.window.participants()).sort()).toEqual([id, 'local'].sort());
  const states = await ana.page.evaluate(() =>
    window.recorded.peerConnections.filter((connection) => connection.connectionState !== 'closed').length,
  );
  expect(states).toBe(1);
});

test('two call objects in one page are two people, and one of them can go', async () => {
  const { url } = await stage.rest.createRoom();
  const bo = await stage.guest(url, 'Bo');
  const page = await stage.window();
  await page.create(stage.callOptions(url, { userName: 'One', allowMultipleCallInstances: true }));
  const one = await page.join();
  await page.create(stage.callOptions(url, { userName: 'Two', allowMultipleCallInstances: true }));
  const two = await page.join();
  await expect.poll(async () => (await page.sees(one.session_id))?.user_name).toBe('One');
  await bo.window.event('participant-joined', about(two.session_id));
  await page.run('destroy');
  await bo.window.event('participant-left', about(two.session_id));
  await expectSeesAndHears(bo.window, one.session_id);
});

test('an object that is destroyed while it joins is not in the call', async () => {
  const { url } = await stage.rest.createRoom();
  const bo = await stage.guest(url, 'Bo');
  const ana = await stage.caller(url);
  await ana.page.evaluate(() => void window.app.run('join', []).catch(() => undefined));
  await ana.event('joining-meeting');
  await ana.run('destroy');
  await ana.create(stage.callOptions(url));
  const { session_id: id } = await ana.join();
  await bo.window.event('participant-joined', about(id));
  await expect.poll(async () => Object.keys(await bo.window.participants()).sort()).toEqual([id, 'local'].sort());
});
