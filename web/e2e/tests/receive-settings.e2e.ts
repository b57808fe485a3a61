// Settings for what one receives: for one person, for all, by default. Judged
// by the width of the pictures that arrive.
import { beforeEach, expect, test } from 'vitest';

import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();

let ana: Guest;
let bo: Guest;

async function track(watcher: Guest, id: string, key: 'audio' | 'video', state: object): Promise<void> {
  await expect.poll(async () => (await watcher.window.participants())[id]?.tracks[key], { timeout: 15_000 }).toMatchObject(state);
}

const count = async (watcher: Guest, id: string, figure: 'framesDecoded' | 'packetsReceived', key = 'video') =>
  (await watcher.window.received(id))[key]?.[figure] ?? 0;

/** Grows by `more` while one looks. */
async function flows(watcher: Guest, id: string, key: 'audio' | 'video'): Promise<void> {
  const before = await count(watcher, id, 'packetsReceived', key);
  await expect.poll(() => count(watcher, id, 'packetsReceived', key), { timeout: 15_000 }).toBeGreaterThan(before + 10);
}

beforeEach(async () => {
  const { url } = await stage.rest.createRoom();
  bo = await stage.guest(url, 'Bo');
  ana = await stage.guest(url, 'Ana', { startVideoOff: true, startAudioOff: true });
  await track(ana, bo.id, 'video', { state: 'playable' });
});

/** How wide the layers of the fake camera are; on a busy machine the encoder makes them a little smaller. */
const WIDTHS = [
  [1, 320],
  [321, 640],
  [641, 1280],
] as const;

async function arrives(layer: 0 | 1 | 2): Promise<void> {
  const [least, most] = WIDTHS[layer];
  const isFitting = async () => {
    const width = (await ana.window.received(bo.id)).video?.frameWidth ?? 0;
    return width >= least && width <= most ? 'as wished' : width;
  };
  await expect.poll(isFitting, { timeout: 30_000 }).toBe('as wished');
  await flows(ana, bo.id, 'video');
}

test('a layer chosen for one, for all, or by default is the one that arrives', async () => {
  await arrives(2);
  const { receiveSettings } = await ana.window.run<{ receiveSettings: object }>('updateReceiveSettings', { [bo.id]: { video: { layer: 0 } } });
  expect(receiveSettings).toMatchObject({ [bo.id]: { video: { layer: 0 } } });
  expect(await ana.window.run('getReceiveSettings', bo.id)).toEqual({ video: { layer: 0 } });
  await arrives(0);
  await ana.window.run('updateReceiveSettings', { base: { video: { layer: 1 } } });
  await arrives(0);
  await ana.window.run('updateReceiveSettings', { '*': 'inherit' });
  await arrives(1);
  expect(await ana.window.run('getReceiveSettings', bo.id, { showInheritedValues: true })).toMatchObject({ video: { layer: 1 } });
  await ana.window.run('updateReceiveSettings', { '*': { video: { layer: 2 } } });
  await arrives(2);
  await ana.window.event('receive-settings-updated');
});
