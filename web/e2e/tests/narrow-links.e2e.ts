// Narrow and lossy ways down, judged by what arrives: smaller pictures instead
// of none, and sound throughout.
import { afterEach, expect, test } from 'vitest';

import { expectArrives } from '../src/media.ts';
import { NarrowLink } from '../src/narrow-link.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();
let link: NarrowLink | undefined;

afterEach(() => {
  link?.close();
  link = undefined;
});

/** Bo sends; Ana receives over a link that can be made worse. */
async function pair(): Promise<{ ana: Guest; bo: Guest; way: NarrowLink }> {
  const { url } = await stage.rest.createRoom();
  const bo = await stage.guest(url, 'Bo');
  const window = await stage.window();
  const way = await NarrowLink.before(window.page);
  link = way;
  await window.create(stage.callOptions(url, { userName: 'Ana', startVideoOff: true, startAudioOff: true }));
  const ana = { window, id: (await window.join()).session_id };
  await expectArrives(ana.window, bo.id);
  return { ana, bo, way };
}

const video = async (watcher: Guest, id: string) => (await watcher.window.received(id)).video ?? { timestamp: 0 };

async function width(watcher: Guest, id: string, fits: (width: number) => boolean, withinMs: number): Promise<void> {
  await expect.poll(async () => fits((await video(watcher, id)).frameWidth ?? 0), { timeout: withinMs, interval: 200, message: 'the width of the picture' }).toBe(true);
}

test('on a link of 300 kbit/s pictures get smaller and go on, with sound; on a wide one they grow again', async () => {
  const { ana, bo, way } = await pair();
  await width(ana, bo.id, (pixels) => pixels > 640, 30_000);
  way.set({ kbps: 300 });
  await width(ana, bo.id, (pixels) => pixels > 0 && pixels <= 640, 30_000);
  const before = await ana.window.received(bo.id);
  await expect.poll(async () => ((await video(ana, bo.id)).framesDecoded ?? 0) - (before.video?.framesDecoded ?? 0), { timeout: 20_000 }).toBeGreaterThan(30);
  const after = await ana.window.received(bo.id);
  expect((after.audio?.totalAudioEnergy ?? 0) - (before.audio?.totalAudioEnergy ?? 0)).toBeGreaterThan(0);
  way.set({});
  await width(ana, bo.id, (pixels) => pixels > 640, 60_000);
});

test('with a fifth of the packets lost, sound is heard and pictures move', async () => {
  const { ana, bo, way } = await pair();
  way.set({ loss: 0.2 });
  const before = await ana.window.received(bo.id);
  await expect
    .poll(
      async () => {
        const { audio, video: picture } = await ana.window.received(bo.id);
        return {
          hears: (audio?.totalAudioEnergy ?? 0) - (before.audio?.totalAudioEnergy ?? 0) > 0 && (audio?.packetsReceived ?? 0) - (before.audio?.packetsReceived ?? 0) > 200,
          sees: (picture?.framesDecoded ?? 0) - (before.video?.framesDecoded ?? 0) > 60,
        };
      },
      { timeout: 40_000 },
    )
    .toEqual({ hears: true, sees: true });
});
