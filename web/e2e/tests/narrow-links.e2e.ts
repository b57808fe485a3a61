// Lossy ways down, judged by what arrives.
import { afterEach, expect, test } from 'vitest';

import { expectSeesAndHears } from '../src/media.ts';
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
  await expectSeesAndHears(ana.window, bo.id);
  return { ana, bo, way };
}

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
