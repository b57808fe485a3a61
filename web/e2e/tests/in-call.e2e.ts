import { expect, test } from 'vitest';

import { about, type AboutSomebody, type AboutTrack } from '../src/events.ts';
import { expectSeesAndHears } from '../src/media.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();

/** Two people who have each other's tracks. */
async function pair(roomProperties: object = {}): Promise<{ ana: Guest; bo: Guest; url: string }> {
  const { url } = await stage.rest.createRoom({ ...roomProperties });
  const ana = await stage.guest(url, 'Ana');
  const bo = await stage.guest(url, 'Bo');
  await Promise.all([playable(ana, bo.id), playable(bo, ana.id)]);
  return { ana, bo, url };
}

async function playable(watcher: Guest, id: string): Promise<void> {
  await expect
    .poll(async () => (await watcher.window.sees(id))?.tracks, { timeout: 15_000 })
    .toMatchObject({ audio: { state: 'playable' }, video: { state: 'playable' } });
}

async function trackState(watcher: Guest, id: string, kind: 'audio' | 'video', state: object): Promise<void> {
  await expect.poll(async () => (await watcher.window.sees(id))?.tracks[kind], { timeout: 10_000 }).toMatchObject(state);
}

test('microphone off and on again is told to the others, and is heard again', async () => {
  const { ana, bo } = await pair();
  await ana.window.run('setLocalAudio', false);
  await trackState(bo, ana.id, 'audio', { state: 'off', off: { byUser: true } });
  await bo.window.event<AboutTrack>('track-stopped', (event) => event.track.kind === 'audio');
  expect((await ana.window.me()).audio).toBe(false);
  await ana.window.run('setLocalAudio', true);
  await trackState(bo, ana.id, 'audio', { state: 'playable' });
  await expectSeesAndHears(bo.window, ana.id);
});

test('camera off and on again is told to the others, and is seen again', async () => {
  const { ana, bo } = await pair();
  await ana.window.run('setLocalVideo', false);
  await trackState(bo, ana.id, 'video', { state: 'off', off: { byUser: true } });
  await bo.window.event<AboutTrack>('track-stopped', (event) => event.track.kind === 'video');
  expect(await ana.window.run('localVideo')).toBe(false);
  await ana.window.run('setLocalVideo', true);
  await trackState(bo, ana.id, 'video', { state: 'playable' });
  await expectSeesAndHears(bo.window, ana.id);
});

test('an app message to everybody reaches the others and not the sender; one to a person reaches that person only', async () => {
  const { ana, bo, url } = await pair();
  const cy = await stage.guest(url, 'Cy');
  await ana.window.event('participant-joined', about(cy.id));
  await ana.window.run('sendAppMessage', { word: 'all' }, '*');
  await ana.window.run('sendAppMessage', { word: 'bo' }, bo.id);
  const fits = (word: string) => (event: { data: { word: string }; fromId: string }) =>
    event.data.word === word && event.fromId === ana.id;
  await bo.window.event('app-message', fits('bo'));
  await cy.window.event('app-message', fits('all'));
  // A message that comes after both proves that none is still on its way.
  await bo.window.run('sendAppMessage', { word: 'end' }, '*');
  await cy.window.event('app-message', (event: { data: { word: string } }) => event.data.word === 'end');
  await ana.window.event('app-message', (event: { data: { word: string } }) => event.data.word === 'end');
  expect(await wordsHeard(bo)).toEqual(['all', 'bo']);
  expect(await wordsHeard(cy)).toEqual(['all', 'end']);
  expect(await wordsHeard(ana)).toEqual(['end']);
});

async function wordsHeard(guest: Guest): Promise<string[]> {
  return (await guest.window.events<{ data: { word: string } }>('app-message')).map((event) => event.data.data.word);
}

test('a new user name and new user data reach the others', async () => {
  const { ana, bo } = await pair();
  await ana.window.run('setUserName', 'Ana Maria');
  await ana.window.run('setUserData', { seat: 4, tags: ['a'] });
  await bo.window.event<AboutSomebody>(
    'participant-updated',
    ({ participant }) => participant.session_id === ana.id && participant.user_name === 'Ana Maria',
  );
  await expect
    .poll(async () => bo.window.sees(ana.id))
    .toMatchObject({ user_name: 'Ana Maria', userData: { seat: 4, tags: ['a'] } });
});

test('a name and data given at the join are there for those who come later', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.guest(url, 'Ana', { userData: { colour: 'blue' } });
  const bo = await stage.guest(url, 'Bo');
  await bo.window.event('participant-joined', about(ana.id));
  expect(await bo.window.sees(ana.id)).toMatchObject({ user_name: 'Ana', userData: { colour: 'blue' }, owner: false });
});

test('three people see and hear each other', async () => {
  const { ana, bo, url } = await pair();
  const cy = await stage.guest(url, 'Cy');
  await expect.poll(() => ana.window.run('participantCounts')).toMatchObject({ present: 3, hidden: 0 });
  const everybody = [ana, bo, cy];
  const views = everybody.flatMap((watcher) =>
    everybody.filter((other) => other !== watcher).map((other) => expectSeesAndHears(watcher.window, other.id)),
  );
  await Promise.all(views);
});

test('the camera started before the join keeps its track in the call', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.caller(url);
  const devices = await ana.run<{ camera: { deviceId?: string }; mic: { deviceId?: string } }>('startCamera');
  expect(devices.camera.deviceId).toBeTruthy();
  expect(devices.mic.deviceId).toBeTruthy();
  const before = await ana.me();
  const after = await ana.join();
  expect(before.tracks.video.track?.id).toBeTruthy();
  expect(after.tracks.video.track?.id).toBe(before.tracks.video.track?.id);
});

test('preAuth says that the door is open, and the join that follows works', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.caller(url);
  expect(await ana.run('preAuth', { url })).toMatchObject({ access: { level: 'full' } });
  expect((await ana.join()).local).toBe(true);
  expect(await ana.run('room')).toMatchObject({ name: new URL(url).pathname.slice(1) });
});

test('cameras and microphones are listed, and the ones in use are named', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.caller(url);
  await ana.join();
  const { devices } = await ana.run<{ devices: { kind: string; label: string }[] }>('enumerateDevices');
  expect(devices.filter((device) => device.kind === 'videoinput' && device.label !== '')).not.toHaveLength(0);
  expect(devices.filter((device) => device.kind === 'audioinput' && device.label !== '')).not.toHaveLength(0);
  const chosen = await ana.run<{ camera: { label: string }; mic: { label: string } }>('getInputDevices');
  expect(chosen.camera.label).not.toBe('');
  expect(chosen.mic.label).not.toBe('');
});

test.each([
  { name: 'NotAllowedError', type: 'permissions', list: 'blockedMedia' },
  { name: 'NotFoundError', type: 'not-found', list: 'missingMedia' },
])('a camera that answers $name is a camera-error, and the join goes on', async ({ name, type, list }) => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.window();
  await ana.page.evaluate((name) => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('for the test', name));
  }, name);
  await ana.create(stage.callOptions(url));
  const me = await ana.join();
  const { data } = await ana.event<{ error: Record<string, unknown> }>('camera-error');
  expect(data.error).toMatchObject({ type, [list]: expect.any(Array) });
  expect(me.tracks.video.state).toBe('blocked');
});

test('who makes sound becomes the active speaker and moves the level meters', async () => {
  const { ana, bo } = await pair();
  await bo.window.run('setLocalAudio', false);
  await bo.window.run('startRemoteParticipantsAudioLevelObserver', 200);
  await ana.window.run('startLocalAudioLevelObserver', 200);
  await bo.window.event<{ activeSpeaker: { peerId: string } }>(
    'active-speaker-change',
    ({ activeSpeaker }) => activeSpeaker.peerId === ana.id,
  );
  await ana.window.event<{ audioLevel: number }>('local-audio-level', ({ audioLevel }) => audioLevel > 0);
  await bo.window.event<{ participantsAudioLevel: Record<string, number> }>(
    'remote-participants-audio-level',
    ({ participantsAudioLevel }) => (participantsAudioLevel[ana.id] ?? 0) > 0,
  );
});

test('start_video_off and start_audio_off of the room start people without camera and microphone', async () => {
  const { url } = await stage.rest.createRoom({ start_video_off: true, start_audio_off: true });
  const ana = await stage.guest(url, 'Ana');
  const bo = await stage.guest(url, 'Bo', { startVideoOff: false });
  expect((await ana.window.me()).tracks).toMatchObject({ audio: { state: 'off' }, video: { state: 'off' } });
  expect((await bo.window.me()).tracks).toMatchObject({ audio: { state: 'off' }, video: { state: 'playable' } });
  await trackState(bo, ana.id, 'video', { state: 'off' });
  await trackState(ana, bo.id, 'video', { state: 'playable' });
  await ana.window.run('setLocalVideo', true);
  await trackState(bo, ana.id, 'video', { state: 'playable' });
});

test('start_video_off of the token wins over the room', async () => {
  const { url, name } = await stage.rest.createRoom({ start_video_off: false });
  const token = await stage.rest.token({ room_name: name, start_video_off: true });
  const ana = await stage.guest(url, 'Ana', { token });
  expect((await ana.window.me()).tracks).toMatchObject({ audio: { state: 'playable' }, video: { state: 'off' } });
});

test('an owner token makes an owner, and its user name and user id are what the others see', async () => {
  const { url, name } = await stage.rest.createRoom({}, 'private');
  const token = await stage.rest.token({ room_name: name, is_owner: true, user_name: 'Olga', user_id: 'olga-7' });
  const olga = await stage.guest(url, 'Not Olga', { token });
  const bo = await stage.guest(url, 'Bo', { token: await stage.rest.token({ room_name: name }) });
  await bo.window.event('participant-joined', about(olga.id));
  expect(await bo.window.sees(olga.id)).toMatchObject({ owner: true, user_name: 'Olga', user_id: 'olga-7' });
  expect(await bo.window.me()).toMatchObject({ owner: false, user_id: bo.id });
});

test('a call shows in the presence of the room and of the domain', async () => {
  const { url, name } = await stage.rest.createRoom();
  const ana = await stage.guest(url, 'Ana');
  const person = { id: ana.id, userName: 'Ana', room: name };
  await expect
    .poll(async () => (await stage.rest.send(`GET`, `/rooms/${name}/presence`)).body, { timeout: 16_000 })
    .toMatchObject({ total_count: 1, data: [person] });
  const domain = await stage.rest.send<Record<string, unknown>>('GET', '/presence');
  expect(domain.body[name]).toMatchObject([{ id: ana.id, userName: 'Ana' }]);
});
