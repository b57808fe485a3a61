// Settings for what one receives: for one person, for all, by default. Judged
// by the width of the pictures that arrive.
import { beforeEach, expect, test } from 'vitest';

import { Stage, type Guest } from '../src/stage.ts';
import { expectFlows, expectTrack } from '../src/tracks.ts';

const stage = Stage.forThisFile();

let ana: Guest;
let bo: Guest;

beforeEach(async () => {
  const { url } = await stage.rest.createRoom();
  bo = await stage.guest(url, 'Bo');
  ana = await stage.guest(url, 'Ana', { startVideoOff: true, startAudioOff: true });
  await expectTrack(ana, bo.id, 'video', { state: 'playable' });
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
  await expectFlows(ana, bo.id, 'video');
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
