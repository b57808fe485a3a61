// Knocking at a private room, from both sides of the door.
import { expect, test } from 'vitest';

import { NEWEST, OLDEST, type DailyVersion } from '../src/app-server.ts';
import type { AppWindow } from '../src/app-window.ts';
import { about } from '../src/events.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();
const VOICE = { startVideoOff: true };

interface Waiting {
  readonly participant: { readonly id: string; readonly name: string; readonly awaitingAccess: { readonly level: string } };
}

interface Access {
  readonly access: 'unknown' | { readonly level: string };
  readonly awaitingAccess?: { readonly level: string };
}

async function lobby(version: DailyVersion = NEWEST): Promise<{ owner: Guest; url: string; name: string; guest: AppWindow }> {
  const room = await stage.rest.createRoom({ enable_knocking: true }, 'private');
  const token = await stage.rest.token({ room_name: room.name, is_owner: true });
  const owner = await stage.guest(room.url, 'Owner', { ...VOICE, token }, version);
  const guest = await stage.caller(room.url, { ...VOICE, userName: 'Gus' }, version);
  await guest.join();
  return { owner, guest, url: room.url, name: room.name };
}

/** Asks and does not wait for the answer, which only comes when somebody decides. */
async function knock(guest: AppWindow, name: string): Promise<() => Promise<unknown>> {
  const answer = guest.run('requestAccess', { name }).catch((error: unknown) => error);
  await guest.event<Access>('access-state-updated', ({ awaitingAccess }) => awaitingAccess?.level === 'full');
  return async () => answer;
}

test.each([NEWEST, OLDEST])('who knocks is seen at the door, let in, and then in the call, with daily-js %s', async (version) => {
  const { owner, guest } = await lobby(version);
  expect(await guest.run('accessState')).toEqual({ access: { level: 'lobby' } });
  expect(Object.keys(await guest.participants())).toEqual(['local']);
  expect(await owner.window.run('participantCounts')).toMatchObject({ present: 1 });
  const answer = await knock(guest, 'Gus');
  const { data } = await owner.window.event<Waiting>('waiting-participant-added', ({ participant }) => participant.name === 'Gus');
  expect(data.participant.awaitingAccess).toEqual({ level: 'full' });
  const waiting = await owner.window.run<Record<string, unknown>>('waitingParticipants');
  expect(waiting).toEqual({ [data.participant.id]: data.participant });
  expect(await owner.window.run('updateWaitingParticipant', data.participant.id, { grantRequestedAccess: true })).toEqual({ id: data.participant.id });
  expect(await answer()).toEqual({ access: { level: 'full' }, granted: true });
  await owner.window.event('waiting-participant-removed');
  await guest.event('participant-joined', about(owner.id));
  const { session_id } = await guest.me();
  await owner.window.event('participant-joined', about(session_id));
  expect(await guest.run('accessState')).toEqual({ access: { level: 'full' } });
  expect(await owner.window.run('waitingParticipants')).toEqual({});
});

test('who is turned away hears it, first as an answer, then as an error', async () => {
  const { owner, guest } = await lobby();
  const answer = await knock(guest, 'Gus');
  await owner.window.event('waiting-participant-added');
  await owner.window.run('updateWaitingParticipants', { '*': { grantRequestedAccess: false } });
  expect(await answer()).toMatchObject({ granted: false });
  const { data } = await guest.event<{ error: { type: string; msg: string } }>('error');
  expect(data.error).toMatchObject({ type: 'not-allowed', msg: 'Join request rejected' });
  await guest.event('left-meeting');
  expect(await owner.window.run('waitingParticipants')).toEqual({});
});

test('an admin who comes later is told who waits, and who goes away waits no more', async () => {
  const { guest, url, name } = await lobby();
  void knock(guest, 'Gus');
  const late = await stage.guest(url, 'Late', { ...VOICE, token: await stage.rest.token({ room_name: name, is_owner: true }) });
  await late.window.event<Waiting>('waiting-participant-added', ({ participant }) => participant.name === 'Gus');
  await guest.run('leave');
  await late.window.event('waiting-participant-removed');
});

test('preAuth says that the lobby is as far as one gets, and only admins open its door', async () => {
  const { guest, url, name } = await lobby();
  const second = await stage.caller(url, VOICE);
  expect(await second.run('preAuth', { url })).toEqual({ access: { level: 'lobby' } });
  void knock(guest, 'Gus');
  const plain = await stage.guest(url, 'Plain', { ...VOICE, token: await stage.rest.token({ room_name: name }) });
  expect(await plain.window.run('waitingParticipants')).toEqual({});
  expect(await plain.window.settle('updateWaitingParticipants', [{ '*': { grantRequestedAccess: true } }])).toBe('rejected');
});
