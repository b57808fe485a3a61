import { describe, expect, inject, test } from 'vitest';

import { about, type AboutSomebody } from '../src/events.ts';
import { unixNow } from '../src/rest.ts';
import { signToken } from '../src/self-signed.ts';
import { Stage } from '../src/stage.ts';
import { NEWEST, OLDEST, VERSIONS } from '../src/app-server.ts';

const stage = Stage.forThisFile();

async function refused(url: string, more: object = {}, version = NEWEST as (typeof VERSIONS)[number]) {
  const ana = await stage.caller(url, more, version);
  const refusal = await ana.refusal();
  expect(await ana.run('meetingState')).toBe('error');
  return refusal;
}

const domainId = async (): Promise<string> =>
  (await stage.rest.send<{ domain_id: string }>('GET', '/')).body.domain_id;

test('a room that does not exist answers no-room', async () => {
  expect(await refused(`${stage.origin}/there-is-no-such-room`)).toEqual({
    type: 'no-room',
    msg: "The meeting you're trying to join does not exist.",
  });
});

test('a room that was deleted answers no-room', async () => {
  const room = await stage.rest.createRoom();
  await stage.rest.send('DELETE', `/rooms/${room.name}`);
  expect((await refused(room.url)).type).toBe('no-room');
});

test('a private room without a token answers not-allowed', async () => {
  const room = await stage.rest.createRoom({}, 'private');
  expect(await refused(room.url)).toEqual({ type: 'not-allowed', msg: 'You are not allowed to join this meeting' });
});

test('a private room with the token of another room answers not-allowed', async () => {
  const room = await stage.rest.createRoom({}, 'private');
  const token = await stage.rest.token({ room_name: 'another-room' });
  expect((await refused(room.url, { token })).type).toBe('not-allowed');
});

test('a private room opens for a self-signed token and not for a forged one', async () => {
  const room = await stage.rest.createRoom({}, 'private');
  const claims = { r: room.name, d: await domainId(), u: 'Signed by the app', iat: unixNow() };
  const forged = signToken('not the key', claims);
  expect((await refused(room.url, { token: forged })).type).toBe('not-allowed');
  const signed = await stage.guest(room.url, 'ignored', { token: signToken(inject('parlor').api_key, claims) });
  expect((await signed.window.me()).user_name).toBe('Signed by the app');
});

test('a room that has expired answers exp-room', async () => {
  const room = await stage.rest.createRoom({ exp: unixNow() + 2 });
  await expect.poll(async () => (await stage.rest.send('GET', `/rooms/${room.name}`)).status).toBe(404);
  expect((await refused(room.url)).type).toBe('exp-room');
});

test('a room that is not open yet answers nbf-room', async () => {
  const room = await stage.rest.createRoom({ nbf: unixNow() + 600 });
  expect((await refused(room.url)).type).toBe('nbf-room');
});

test('a token that is not valid yet answers nbf-token', async () => {
  const room = await stage.rest.createRoom({}, 'private');
  const token = await stage.rest.token({ room_name: room.name, nbf: unixNow() + 600 });
  expect((await refused(room.url, { token })).type).toBe('nbf-token');
});

test('a token that has expired answers exp-token', async () => {
  const room = await stage.rest.createRoom({}, 'private');
  const claims = { r: room.name, d: await domainId(), exp: unixNow() - 1 };
  expect((await refused(room.url, { token: signToken(inject('parlor').api_key, claims) })).type).toBe('exp-token');
});

test('a full room answers meeting-full, and has a place again after somebody left', async () => {
  const room = await stage.rest.createRoom({ max_participants: 1 });
  const ana = await stage.guest(room.url, 'Ana');
  expect(await refused(room.url)).toEqual({ type: 'meeting-full', msg: 'Meeting is full' });
  await ana.window.run('leave');
  await stage.guest(room.url, 'Bo');
});

test('preAuth at a closed door answers the same error', async () => {
  const room = await stage.rest.createRoom({}, 'private');
  const ana = await stage.caller(room.url);
  await ana.run('preAuth', { url: room.url }).catch(() => undefined);
  const { data } = await ana.event<{ error: { type: string } }>('error');
  expect(data.error.type).toBe('not-allowed');
});

describe.each([OLDEST, '0.62.0', '0.68.0', '0.85.0'] as const)('in daily-js %s', (version) => {
  test('join is refused with a typed error, and does not wait for ever', async () => {
    const room = await stage.rest.createRoom({}, 'private');
    expect((await refused(room.url, {}, version)).type).toBe('not-allowed');
  });
});

test.each([
  { property: 'eject_after_elapsed', properties: () => ({ eject_after_elapsed: 3 }) },
  { property: 'eject_at_token_exp', properties: () => ({ eject_at_token_exp: true, exp: unixNow() + 4 }) },
])('$property ends the stay of that person', async ({ properties }) => {
  const room = await stage.rest.createRoom();
  const bo = await stage.guest(room.url, 'Bo');
  const ana = await stage.guest(room.url, 'Ana', {
    token: await stage.rest.token({ room_name: room.name, ...properties() }),
  });
  const { data } = await ana.window.event<{ error: { type: string } }>('error');
  expect(data).toMatchObject({ errorMsg: 'Meeting has ended', error: { type: 'ejected' } });
  await bo.window.event<AboutSomebody>('participant-left', about(ana.id));
  expect(await bo.window.run('meetingState')).toBe('joined-meeting');
});

test('eject_at_room_exp ends the stay of everybody', async () => {
  const room = await stage.rest.createRoom({ exp: unixNow() + 6, eject_at_room_exp: true });
  const guests = [await stage.guest(room.url, 'Ana'), await stage.guest(room.url, 'Bo')];
  for (const { window } of guests) {
    const { data } = await window.event<{ error: { type: string } }>('error');
    expect(data.error.type).toBe('ejected');
  }
});

test('deleting a room ends the call in it', async () => {
  const room = await stage.rest.createRoom();
  const ana = await stage.guest(room.url, 'Ana');
  await stage.rest.send('DELETE', `/rooms/${room.name}`);
  await ana.window.event('left-meeting');
});
