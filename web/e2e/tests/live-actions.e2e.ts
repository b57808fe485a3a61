// What the app's own server does to a call while it runs, seen by the people in it.
import { expect, test } from 'vitest';

import { NEWEST, OLDEST } from '../src/app-server.ts';
import { about, type AboutSomebody, type AboutTrack } from '../src/events.ts';
import { expectSeesAndHears } from '../src/media.ts';
import type { Room } from '../src/rest.ts';
import { Stage, type Guest } from '../src/stage.ts';
import { expectTrack } from '../src/tracks.ts';

const stage = Stage.forThisFile();

/** No cameras where nobody looks at pictures: they cost the machine most. */
const VOICE = { startVideoOff: true };

/** One on the newest daily-js and one on the oldest, who know of each other. */
async function pair(options: object = VOICE): Promise<{ room: Room; newest: Guest; oldest: Guest }> {
  const room = await stage.rest.createRoom();
  const newest = await stage.guest(room.url, 'New', options, NEWEST);
  const oldest = await stage.guest(room.url, 'Old', options, OLDEST);
  await newest.window.event('participant-joined', about(oldest.id));
  return { room, newest, oldest };
}

interface AppMessage {
  readonly data: { readonly word: string };
  readonly fromId: string;
}

async function heard(guest: Guest): Promise<string[]> {
  return (await guest.window.events<AppMessage>('app-message')).map(({ data }) => data.data.word);
}

test('send-app-message reaches everybody, or the one it is for, from somebody who is not in the call', async () => {
  const { room, newest, oldest } = await pair();
  expect(await stage.rest.act(room, 'send-app-message', { data: { word: 'all' } })).toEqual({ sent: 'true' });
  await stage.rest.act(room, 'send-app-message', { data: { word: 'you' }, recipient: oldest.id });
  await stage.rest.act(room, 'send-app-message', { data: { word: 'end' }, recipient: '*' });
  for (const guest of [newest, oldest]) {
    const { data } = await guest.window.event<AppMessage>('app-message', ({ data }) => data.word === 'end');
    expect(await guest.window.participants()).not.toHaveProperty(data.fromId);
  }
  expect(await heard(newest)).toEqual(['all', 'end']);
  expect(await heard(oldest)).toEqual(['all', 'you', 'end']);
});

interface SessionState {
  readonly meetingSessionState: { readonly data: Record<string, unknown>; readonly topology: string };
}

async function sessionData(guest: Guest, data: object): Promise<void> {
  const isIt = ({ meetingSessionState }: SessionState): boolean => JSON.stringify(meetingSessionState.data) === JSON.stringify(data);
  await guest.window.event<SessionState>('meeting-session-state-updated', isIt);
  expect(await guest.window.run('meetingSessionState')).toEqual({ data, topology: 'sfu' });
}

test('set-session-data replaces or merges, is told to everybody, and is there for who comes later', async () => {
  const { room, newest, oldest } = await pair();
  expect(await stage.rest.sessionData(room)).toEqual({});
  await stage.rest.act(room, 'set-session-data', { data: { round: 1, word: 'a' } });
  await Promise.all([sessionData(newest, { round: 1, word: 'a' }), sessionData(oldest, { round: 1, word: 'a' })]);
  await stage.rest.act(room, 'set-session-data', { data: { score: 3 }, mergeStrategy: 'shallow-merge', keysToDelete: ['word'] });
  await Promise.all([sessionData(newest, { round: 1, score: 3 }), sessionData(oldest, { round: 1, score: 3 })]);
  await newest.window.run('setMeetingSessionData', { score: 4 }, 'shallow-merge');
  await sessionData(oldest, { round: 1, score: 4 });
  expect(await stage.rest.sessionData(room)).toEqual({ round: 1, score: 4 });
  const late = await stage.guest(room.url, 'Late', VOICE);
  await sessionData(late, { round: 1, score: 4 });
  await stage.rest.act(room, 'set-session-data', { data: {} });
  await sessionData(late, {});
});

interface Removal {
  readonly error: { readonly type: string; readonly msg: string };
}

test.each([NEWEST, OLDEST])('eject by session id ends the call of that person on %s, who may come back', async (version) => {
  const room = await stage.rest.createRoom();
  const stays = await stage.guest(room.url, 'Stays', VOICE);
  const goes = await stage.guest(room.url, 'Goes', VOICE, version);
  await stays.window.event('participant-joined', about(goes.id));
  expect(await stage.rest.act(room, 'eject', { ids: [goes.id] })).toEqual({ ejectedIds: [goes.id] });
  const { data } = await goes.window.event<Removal>('error');
  expect(data.error).toMatchObject({ type: 'ejected', msg: 'Meeting has ended' });
  await goes.window.event('left-meeting');
  await stays.window.event('participant-left', about(goes.id));
  expect(await stays.window.events('error')).toEqual([]);
  await stage.guest(room.url, 'Goes again', VOICE, version);
});

test('eject by user id with a ban keeps that person out while the meeting runs', async () => {
  const room = await stage.rest.createRoom({}, 'private');
  const token = (user_id: string) => stage.rest.token({ room_name: room.name, user_id });
  const stays = await stage.guest(room.url, 'Stays', { ...VOICE, token: await token('stays') });
  const goes = await stage.guest(room.url, 'Goes', { ...VOICE, token: await token('goes') });
  await stays.window.event('participant-joined', about(goes.id));
  expect(await stage.rest.act(room, 'eject', { user_ids: ['goes'], ban: true })).toEqual({ ejectedIds: [goes.id] });
  await goes.window.event<Removal>('error', ({ error }) => error.type === 'ejected');
  const again = await stage.caller(room.url, { ...VOICE, token: await token('goes') });
  expect((await again.refusal()).type).toBe('not-allowed');
  await stage.guest(room.url, 'Another', { ...VOICE, token: await token('another') });
});

const own = (guest: Guest, canSend: unknown) =>
  guest.window.event<AboutSomebody>(
    'participant-updated',
    ({ participant }) => participant.local && JSON.stringify(participant.permissions.canSend) === JSON.stringify(canSend),
  );

test.each([NEWEST, OLDEST])('update-permissions takes camera and microphone away on %s; given back, they stay off until switched on', async (version) => {
  const room = await stage.rest.createRoom();
  const bo = await stage.guest(room.url, 'Bo');
  const ana = await stage.guest(room.url, 'Ana', {}, version);
  await expectTrack(bo, ana.id, 'video', { state: 'playable' });
  await stage.rest.act(room, 'update-permissions', { data: { [ana.id]: { canSend: false } } });
  for (const kind of ['audio', 'video'] as const) {
    const off = { state: 'off', off: { byCanSendPermission: true } };
    await Promise.all([expectTrack(bo, ana.id, kind, off), expectTrack(ana, 'local', kind, off)]);
  }
  await bo.window.event<AboutTrack>('track-stopped', (event) => event.track.kind === 'video');
  await ana.window.run('setLocalVideo', true);
  await stage.rest.act(room, 'update-permissions', { data: { [ana.id]: { canSend: true } } });
  await expectTrack(ana, 'local', 'video', { state: 'off', off: { byUser: true } });
  await ana.window.run('setLocalVideo', true);
  await ana.window.run('setLocalAudio', true);
  await expectTrack(bo, ana.id, 'video', { state: 'playable' });
  await expectSeesAndHears(bo.window, ana.id);
});

test("update-permissions for '*' is for everybody who is not named", async () => {
  const { room, newest, oldest } = await pair();
  const third = await stage.guest(room.url, 'Third', VOICE);
  await stage.rest.act(room, 'update-permissions', {
    data: { '*': { canSend: false }, [newest.id]: { canSend: ['audio'], canAdmin: ['participants'] } },
  });
  await Promise.all([own(newest, ['audio']), own(oldest, false), own(third, false)]);
  await expectTrack(third, newest.id, 'audio', { state: 'playable' });
  await expectTrack(third, oldest.id, 'audio', { state: 'off', off: { byCanSendPermission: true } });
});

const counts = (guest: Guest) => guest.window.run('participantCounts');

test('who loses presence is gone for the others, is counted as hidden, and comes back with presence', async () => {
  const { room, newest, oldest } = await pair();
  await stage.rest.act(room, 'update-permissions', { data: { [oldest.id]: { hasPresence: false } } });
  const left = await newest.window.event<AboutSomebody & { reason?: string }>('participant-left', about(oldest.id));
  expect(left.data.reason).toBe('hidden');
  await expect.poll(() => counts(newest)).toEqual({ present: 1, hidden: 1 });
  await expect.poll(() => counts(oldest)).toEqual({ present: 1, hidden: 1 });
  expect(await oldest.window.run('meetingState')).toBe('joined-meeting');
  await stage.rest.act(room, 'update-permissions', { data: { [oldest.id]: { hasPresence: true } } });
  await expect.poll(() => newest.window.sees(oldest.id)).toMatchObject({ user_name: 'Old' });
  await expect.poll(() => counts(newest)).toEqual({ present: 2, hidden: 0 });
  await expectTrack(newest, oldest.id, 'audio', { state: 'off' });
  await oldest.window.run('setLocalAudio', true);
  await expectTrack(newest, oldest.id, 'audio', { state: 'playable' });
});

test('in a room of hidden participants an audience sees the owner and nobody sees the audience', async () => {
  const room = await stage.rest.createRoom({ enable_hidden_participants: true });
  const owner = await stage.guest(room.url, 'Owner', { ...VOICE, token: await stage.rest.token({ room_name: room.name, is_owner: true }) });
  const viewers = [await stage.guest(room.url, 'First', {}, NEWEST), await stage.guest(room.url, 'Second', {}, OLDEST)];
  await expect.poll(() => counts(owner)).toEqual({ present: 1, hidden: 2 });
  expect(Object.keys(await owner.window.participants())).toEqual(['local']);
  for (const viewer of viewers) {
    await expectTrack(viewer, owner.id, 'audio', { state: 'playable' });
    expect(Object.keys(await viewer.window.participants()).toSorted()).toEqual(['local', owner.id].toSorted());
    // Nobody's camera runs for nothing.
    await expectTrack(viewer, 'local', 'video', { state: 'off', off: { byCanSendPermission: true } });
  }
  await viewers[0]?.window.run('leave');
  await expect.poll(() => counts(owner)).toEqual({ present: 1, hidden: 1 });
});

/** Not at the next poll or heartbeat; the printed figures are what counts. */
const AT_ONCE_MS = 5_000;

test('what the server does is in the page at once', async () => {
  const { room, newest } = await pair();
  const shown: string[] = [];
  const delays: number[] = [];
  const measure = async (what: string, action: string, body: object, event: () => Promise<{ readonly at: number }>) => {
    const asked = Date.now();
    await stage.rest.act(room, action, body);
    const answered = Date.now();
    const { at } = await event();
    // An event may be there before the answer: that is no negative delay.
    delays.push(Math.max(0, at - answered));
    shown.push(`${what} ${at - asked} (${at - answered} after the answer)`);
  };
  for (let round = 0; round < 10; round += 1) {
    const word = `round ${round}`;
    const event = () => newest.window.event<AppMessage>('app-message', ({ data }) => data.word === word);
    await measure('message', 'send-app-message', { data: { word } }, event);
  }
  await measure('permission', 'update-permissions', { data: { [newest.id]: { canSend: false } } }, () => own(newest, false));
  await measure('ejection', 'eject', { ids: [newest.id] }, () => newest.window.event('error'));
  console.info(`ms from the request to the event: ${shown.join(', ')}`);
  expect(Math.max(...delays)).toBeLessThan(AT_ONCE_MS);
});
