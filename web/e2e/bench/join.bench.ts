// How long joining takes, as an application and its users feel it: from the
// REST call that makes the room to `joined-meeting`, and to the first picture
// of somebody who is in the call already.
import { test } from 'vitest';

import type { AppWindow } from '../src/app-window.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const ROUNDS = 20;

/** Joins, and waits in the page for the first picture that is painted. */
async function joinAndSee(window: AppWindow, isAlone: boolean): Promise<{ joined: number; seen: number }> {
  const seen = window.page.evaluate(
    (isAlone) =>
      new Promise<number>((resolve) => {
        if (isAlone) return resolve(0);
        const watched = new Set<Element>();
        const look = (): void => {
          for (const video of document.querySelectorAll('video')) {
            if (watched.has(video) || video.muted) continue;
            watched.add(video);
            video.requestVideoFrameCallback(() => resolve(Date.now()));
          }
          if (watched.size === 0) requestAnimationFrame(look);
        };
        look();
      }),
    isAlone,
  );
  await window.run('join');
  const joined = (await window.events('joined-meeting'))[0]?.at ?? Number.NaN;
  return { joined, seen: await seen };
}

function report(name: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  process.stdout.write(`${name}: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, least ${at(0)} ms, most ${at(1)} ms (${sorted.length} rounds)\n`);
}

test('joining', async () => {
  const joins: number[] = [];
  const pictures: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [ana, bo] = [await stage.window(), await stage.window()];
    const began = Date.now();
    const { url } = await stage.rest.createRoom();
    await ana.create(stage.callOptions(url));
    joins.push((await joinAndSee(ana, true)).joined - began);
    await bo.create(stage.callOptions(url));
    const asked = Date.now();
    pictures.push((await joinAndSee(bo, false)).seen - asked);
    await Promise.all([ana.close(), bo.close()]);
  }
  report('REST call to joined-meeting', joins);
  report('join to the first picture of another', pictures);
});
