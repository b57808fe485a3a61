// A whole call with each supported version of daily-js: what every app does.
import { describe, expect, test } from 'vitest';

import { NEWEST, VERSIONS } from '../src/app-server.ts';
import { about, type AboutSomebody, type AboutTrack } from '../src/events.ts';
import { expectArrives } from '../src/media.ts';
import { Stage, type Guest } from '../src/stage.ts';
import { expectTrack } from '../src/tracks.ts';

const stage = Stage.forThisFile();
const VOICE = { startVideoOff: true };

const OFF_BY_OTHERS = { state: 'off', off: { byRemoteRequest: true } };

describe.each(VERSIONS)('daily-js %s', (version) => {
  test('gets ready, joins, talks, shares, and leaves', async () => {
    const room = await stage.rest.createRoom();
    const bo = await stage.guest(room.url, 'Bo');
    const ana = await stage.caller(room.url, { ...VOICE, userName: 'Ana' }, version);
    expect(await ana.run('preAuth', { url: room.url })).toMatchObject({ access: { level: 'full' } });
    const devices = await ana.run<{ mic: { deviceId?: string } }>('startCamera');
    expect(devices.mic.deviceId).toBeTruthy();
    const self = await ana.join();
    const guest: Guest = { window: ana, id: self.session_id };
    await bo.window.event('participant-joined', about(guest.id));
    await expect.poll(() => ana.run('participantCounts')).toEqual({ present: 2, hidden: 0 });
    expect(await ana.run('room')).toMatchObject({ name: room.name });
    expect(await ana.run('accessState')).toMatchObject({ access: { level: 'full' } });
    await ana.event<AboutTrack>('track-started', ({ participant, track: { kind } }) => participant?.session_id === bo.id && kind === 'audio');
    // The fake microphone only beeps now and then; a tone is somebody who talks on.
    await ana.run('setInputDevicesAsync', { audioSource: { $track: 'audio' } });
    await bo.window.event<{ activeSpeaker: { peerId: string } }>('active-speaker-change', ({ activeSpeaker }) => activeSpeaker.peerId === guest.id);
    await ana.run('setLocalVideo', true);
    await Promise.all([expectArrives(ana, bo.id), expectArrives(bo.window, guest.id)]);
    expect(await ana.sees(bo.id)).toMatchObject({ user_name: 'Bo', local: false, audio: true, video: true });
    expect(await bo.window.sees(guest.id)).toMatchObject({ user_name: 'Ana', local: false, audio: true, video: true });
    await ana.run('setLocalAudio', false);
    await expectTrack(bo, guest.id, 'audio', { state: 'off', off: { byUser: true } });
    await ana.run('sendAppMessage', { word: 'hello' }, bo.id);
    await bo.window.event<{ data: { word: string } }>('app-message', ({ data }) => data.word === 'hello');
    expect(await ana.run('setUserName', 'Ana Maria')).toMatchObject({ userName: 'Ana Maria' });
    expect(await ana.run('setUserData', { seat: 4 })).toMatchObject({ userData: { seat: 4 } });
    await bo.window.event<AboutSomebody>('participant-updated', ({ participant }) => participant.user_name === 'Ana Maria' && JSON.stringify(participant.userData) === '{"seat":4}');
    await ana.run('startScreenShare', { mediaStream: { $stream: ['video'] } });
    await expectTrack(bo, guest.id, 'screenVideo', { state: 'playable' });
    await ana.run('stopScreenShare');
    await expectTrack(bo, guest.id, 'screenVideo', { state: 'off' });
    await ana.run('setInputDevicesAsync', { audioDeviceId: 'default' });
    expect(await ana.run('cycleMic')).toHaveProperty('device');
    expect(await ana.run('cycleCamera')).toHaveProperty('device');
    expect(await ana.run('getInputDevices')).toMatchObject({ camera: {}, mic: {}, speaker: {} });
    expect(await ana.settle('setOutputDeviceAsync', [{ outputDeviceId: 'default' }])).toBe('resolved');
    await ana.run('leave');
    await bo.window.event('participant-left', about(guest.id));
    expect(await ana.run('meetingState')).toBe('left-meeting');
    await ana.run('destroy');
  });

  test('administers others, and is administered', async () => {
    const room = await stage.rest.createRoom({ enable_knocking: true }, 'private');
    const token = () => stage.rest.token({ room_name: room.name, is_owner: true });
    const old = await stage.guest(room.url, 'Old', { ...VOICE, token: await token() }, version);
    const newest = await stage.guest(room.url, 'New', { ...VOICE, token: await token() }, NEWEST);
    for (const [admin, other] of [[old, newest], [newest, old]] as const) {
      await expectTrack(admin, other.id, 'audio', { state: 'playable' });
      await admin.window.run('updateParticipant', other.id, { setAudio: false });
      await Promise.all([expectTrack(admin, other.id, 'audio', OFF_BY_OTHERS), expectTrack(other, 'local', 'audio', OFF_BY_OTHERS)]);
      await admin.window.run('updateParticipants', { [other.id]: { setAudio: true } });
      await Promise.all([expectTrack(admin, other.id, 'audio', { state: 'playable' }), expectTrack(other, 'local', 'audio', { state: 'playable' })]);
    }
    const guest = await stage.caller(room.url, { ...VOICE, userName: 'Gus' }, version);
    await guest.join();
    expect(await guest.run('accessState')).toMatchObject({ access: { level: 'lobby' } });
    const granted = guest.run('requestAccess', { name: 'Gus' });
    const { data } = await old.window.event<{ participant: { id: string; name: string } }>('waiting-participant-added');
    expect(data.participant.name).toBe('Gus');
    await old.window.run('updateWaitingParticipant', data.participant.id, { grantRequestedAccess: true });
    expect(await granted).toMatchObject({ granted: true });
    const { session_id } = await guest.me();
    await newest.window.event('participant-joined', about(session_id));
    await old.window.run('updateParticipant', session_id, { updatePermissions: { canSend: ['video'] } });
    await expectTrack({ window: guest, id: session_id }, 'local', 'audio', { state: 'off', off: { byCanSendPermission: true } });
    await old.window.run('updateParticipant', session_id, { eject: true });
    await guest.event<{ error: { type: string } }>('error', ({ error }) => error.type === 'ejected');
    await newest.window.event('participant-left', about(session_id));
  });
});
