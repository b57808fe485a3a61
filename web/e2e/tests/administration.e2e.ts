// What owners and admins do to others with updateParticipant, seen by both.
import { beforeEach, expect, test } from 'vitest';

import { about, type AboutSomebody } from '../src/events.ts';
import { expectArrives } from '../src/media.ts';
import { Stage, type Guest } from '../src/stage.ts';
import { expectTrack } from '../src/tracks.ts';

const stage = Stage.forThisFile();

let olga: Guest;
let gus: Guest;
let url = '';

beforeEach(async () => {
  const room = await stage.rest.createRoom();
  url = room.url;
  olga = await stage.guest(url, 'Olga', { startVideoOff: true, token: await stage.rest.token({ room_name: room.name, is_owner: true }) });
  gus = await stage.guest(url, 'Gus');
  await expectTrack(olga, gus.id, 'audio', { state: 'playable' });
});

type Key = 'audio' | 'video' | 'screenVideo';

async function both(key: Key, state: object): Promise<void> {
  await Promise.all([expectTrack(olga, gus.id, key, state), expectTrack(gus, 'local', key, state)]);
}

const OFF_BY_OTHERS = { state: 'off', off: { byRemoteRequest: true } };

test('an owner mutes, stops the camera, and switches both on again', async () => {
  await expectTrack(olga, gus.id, 'video', { state: 'playable' });
  await olga.window.run('updateParticipant', gus.id, { setAudio: false, setVideo: false });
  await Promise.all([both('audio', OFF_BY_OTHERS), both('video', OFF_BY_OTHERS)]);
  expect(await gus.window.run('localAudio')).toBe(false);
  await olga.window.run('updateParticipants', { [gus.id]: { setAudio: true, setVideo: true } });
  await Promise.all([both('audio', { state: 'playable' }), both('video', { state: 'playable' })]);
  await expectArrives(olga.window, gus.id);
});

test('who was muted may unmute oneself', async () => {
  await olga.window.run('updateParticipants', { '*': { setAudio: false } });
  await both('audio', OFF_BY_OTHERS);
  expect((await olga.window.me()).tracks.audio.state).toBe('playable');
  await gus.window.run('setLocalAudio', true);
  await both('audio', { state: 'playable' });
});

test('one who is no admin changes nothing of others', async () => {
  await gus.window.run('updateParticipant', olga.id, { setAudio: false, eject: true, updatePermissions: { canSend: false } });
  await gus.window.run('updateParticipant', gus.id, { updatePermissions: { canAdmin: true } });
  // A message that came after it proves that the room has read it.
  await gus.window.run('sendAppMessage', { word: 'end' }, '*');
  await olga.window.event('app-message');
  expect((await olga.window.me()).tracks.audio.state).toBe('playable');
  expect((await gus.window.me()).permissions.canAdmin).toBe(false);
});

test('an owner ends the screen share of somebody', async () => {
  await gus.window.run('startScreenShare', { mediaStream: { $stream: ['video'] } });
  await expectTrack(olga, gus.id, 'screenVideo', { state: 'playable' });
  await olga.window.run('updateParticipant', gus.id, { setScreenShare: false });
  await expectTrack(olga, gus.id, 'screenVideo', { state: 'off' });
  await gus.window.event('local-screen-share-stopped');
});

test('permissions are given and taken as sets, and hold at once', async () => {
  await olga.window.run('updateParticipant', gus.id, { updatePermissions: { canSend: ['video'], canAdmin: ['participants'] } });
  await both('audio', { state: 'off', off: { byCanSendPermission: true } });
  await gus.window.event<AboutSomebody>('participant-updated', ({ participant }) => participant.local && String(participant.permissions.canAdmin) === 'participants');
  expect((await gus.window.me()).permissions).toMatchObject({ canSend: ['video'], canAdmin: ['participants'] });
  // An admin of participants may mute, like the owner.
  await gus.window.run('updateParticipant', olga.id, { setAudio: false });
  await expectTrack(gus, olga.id, 'audio', OFF_BY_OTHERS);
  await olga.window.run('updateParticipants', { '*': { updatePermissions: { hasPresence: false } } });
  const left = await olga.window.event<AboutSomebody & { reason?: string }>('participant-left', about(gus.id));
  expect(left.data.reason).toBe('hidden');
  await olga.window.run('updateParticipant', gus.id, { updatePermissions: { hasPresence: true, canSend: true } });
  await olga.window.event('participant-joined', about(gus.id));
});

test('who is ejected learns why; the others see that one is gone', async () => {
  await olga.window.run('updateParticipant', gus.id, { eject: true });
  const { data } = await gus.window.event<{ error: { type: string; msg: string } }>('error');
  expect(data.error).toMatchObject({ type: 'ejected', msg: 'Meeting has ended' });
  await gus.window.event('left-meeting');
  expect(await gus.window.run('meetingState')).toBe('error');
  await olga.window.event('participant-left', about(gus.id));
});

test('one changes oneself by the own session id too', async () => {
  await gus.window.run('updateParticipants', { [gus.id]: { setAudio: false }, local: { setVideo: false } });
  await both('audio', { state: 'off', off: { byUser: true } });
  await both('video', { state: 'off', off: { byUser: true } });
});
