// Tests of the connection before a call.
import { expect, test } from 'vitest';

import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

interface Quality {
  readonly result: string;
  readonly secondsElapsed: number;
  readonly data?: { readonly avgRoundTripTime: number | null; readonly maxRoundTripTime: number | null };
}

test('the socket and the network are tested without joining, and nobody notices', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.caller(url);
  expect(await ana.run('testWebsocketConnectivity')).toMatchObject({ result: 'passed', failedRegions: [], abortedRegions: [] });
  expect(await ana.run('testNetworkConnectivity', { $track: 'video' })).toEqual({ result: 'passed' });
  const done = (await ana.events<{ test: string }>('test-completed')).map(({ data }) => data.test);
  expect(done).toEqual(['websocket-connectivity', 'network-connectivity']);
});

test('the quality of a call is tested with the own camera, and is good on loopback', async () => {
  const room = await stage.rest.createRoom();
  const bo = await stage.guest(room.url, 'Bo', { startVideoOff: true });
  const ana = await stage.caller(room.url);
  await ana.run('preAuth', { url: room.url });
  await ana.run('startCamera');
  const test = ana.run<Quality>('testCallQuality');
  // What was measured until it is stopped counts.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await ana.run('stopTestCallQuality');
  const { result, data, secondsElapsed } = await test;
  expect(['good', 'warning']).toContain(result);
  expect(data?.maxRoundTripTime).toBeGreaterThanOrEqual(0);
  expect(secondsElapsed).toBeGreaterThan(0);
  expect((await ana.events<{ test: string }>('test-completed')).at(-1)?.data.test).toBe('call-quality');
  // It took place in a room of its own.
  expect(await bo.window.run('participantCounts')).toMatchObject({ present: 1, hidden: 0 });
  expect(await bo.window.events('participant-joined')).toEqual([]);
  const joined = await ana.join();
  expect(joined.session_id).toBeTruthy();
});

test('a test is stopped early, and says so', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.caller(url);
  await ana.run('startCamera');
  const test = ana.run<Quality>('testCallQuality');
  await expect.poll(() => ana.page.evaluate(() => window.recorded.peerConnections.length)).toBeGreaterThan(0);
  await ana.run('stopTestCallQuality');
  expect((await test).result).toBe('aborted');
  const { result } = await ana.run<Quality>('testPeerToPeerCallQuality', { videoTrack: { $track: 'video' }, duration: 2 });
  expect(['good', 'warning']).toContain(result);
});
