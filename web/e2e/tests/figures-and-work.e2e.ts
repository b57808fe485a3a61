// What one asks of the server during a call, and what one learns of the network.
import { expect, test } from 'vitest';

import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const VOICE = { startVideoOff: true };

interface Failure {
  readonly errorMsg: string;
  readonly instanceId?: string;
}

test('recording, streaming and transcription are asked of the server, and what it says is an event', async () => {
  const room = await stage.rest.createRoom();
  const ana = await stage.guest(room.url, 'Ana', { ...VOICE, token: await stage.rest.token({ room_name: room.name, is_owner: true }) });
  const instanceId = '2e3a7a0c-6f4f-4d6e-9f57-6c2a4c1b9a10';
  const asked: readonly (readonly [string, object, string])[] = [
    ['startRecording', { type: 'cloud', instanceId }, 'recording'],
    ['startLiveStreaming', { rtmpUrl: 'rtmp://127.0.0.1/live/key', instanceId }, 'live-streaming'],
    ['startTranscription', { language: 'en', instanceId }, 'transcription'],
  ];
  for (const [method, options, event] of asked) {
    await ana.window.run(method, options);
    const started = ana.window.event(`${event}-started`).then(() => null);
    const failed = ana.window.event<Failure>(`${event}-error`).then(({ data }) => data);
    const failure = await Promise.race([started, failed]);
    void started.catch(() => undefined);
    void failed.catch(() => undefined);
    if (failure !== null) expect(failure, method).toMatchObject({ instanceId, errorMsg: expect.stringMatching(/\w+/) });
  }
});

test('who may not stream is told so', async () => {
  const { url } = await stage.rest.createRoom();
  const bo = await stage.guest(url, 'Bo', VOICE);
  await bo.window.run('startLiveStreaming', { rtmpUrl: 'rtmp://127.0.0.1/live/key' });
  await bo.window.run('startTranscription');
  await Promise.all([bo.window.event<Failure>('live-streaming-error'), bo.window.event<Failure>('transcription-error')]);
});

test('a local recording hands its pieces to the app, and the others see that one records', async () => {
  const { url } = await stage.rest.createRoom({ enable_recording: 'local' });
  const ana = await stage.guest(url, 'Ana');
  const bo = await stage.guest(url, 'Bo', VOICE);
  await ana.window.run('startRecording');
  await ana.window.event('recording-started', ({ local, type }: { local: boolean; type: string }) => local && type === 'local');
  await expect.poll(async () => (await bo.window.sees(ana.id))?.record).toBe(true);
  await bo.window.event('recording-started');
  await ana.window.event('recording-data', ({ data }: { data: { bytes: number } }) => data.bytes > 0, 20_000);
  await ana.window.run('stopRecording');
  await ana.window.event('recording-data', ({ finished }: { finished: boolean }) => finished);
  await ana.window.event('recording-stopped');
  await expect.poll(async () => (await bo.window.sees(ana.id))?.record).toBe(false);
  await bo.window.event('recording-stopped');
});

interface Stats {
  readonly networkState: string;
  readonly stats: { readonly latest: Record<string, number | null>; readonly averageNetworkRoundTripTime: number | null };
}

test('the network is measured, for oneself and for the others; topology, processor and language are answered', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.guest(url, 'Ana', { lang: 'user' });
  const bo = await stage.guest(url, 'Bo', VOICE);
  await expect.poll(async () => (await ana.window.run<Stats>('getNetworkStats')).stats.latest['sendBitsPerSecond'], { timeout: 15_000 }).toBeGreaterThan(10_000);
  const { networkState, stats } = await ana.window.run<Stats>('getNetworkStats');
  expect(['good', 'warning', 'bad']).toContain(networkState);
  expect(stats.latest).toMatchObject({ videoRecvJitter: null, videoSendPacketLoss: expect.any(Number) });
  expect(stats).toHaveProperty('worstVideoSendPacketLoss');
  await expect.poll(async () => (await bo.window.sees(ana.id))?.networkQualityState, { timeout: 15_000 }).not.toBe('unknown');
  await ana.window.event('network-quality-change', ({ networkState: state }: { networkState: string }) => state !== 'unknown');
  expect(await ana.window.run('getNetworkTopology')).toEqual({ topology: 'sfu' });
  expect(await ana.window.run('setNetworkTopology', { topology: 'sfu' })).toHaveProperty('workerId');
  expect(await ana.window.settle('setNetworkTopology', [{ topology: 'peer' }])).toBe('rejected');
  expect(await ana.window.run('getCpuLoadStats')).toMatchObject({ cpuLoadState: expect.stringMatching(/low|high/), stats: { latest: {} } });
  expect(await ana.window.run('getDailyLang')).toMatchObject({ langSetting: 'user', lang: 'en' });
  await ana.window.run('setDailyLang', 'fr');
  await ana.window.event('lang-updated', ({ lang }: { lang: string }) => lang === 'fr');
  expect(await ana.window.run('getDailyLang')).toMatchObject({ lang: 'fr', langSetting: 'fr' });
});
