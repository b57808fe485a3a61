// What becomes of somebody's tracks at one who watches: what daily-js shows of
// them, and whether packets arrive.
import { expect } from 'vitest';

import type { Guest } from './stage.ts';

/** Waits until the watcher is shown this of the track. */
export async function expectTrack(watcher: Guest, id: string, key: string, state: object): Promise<void> {
  await expect.poll(async () => (await watcher.window.participants())[id]?.tracks[key], { timeout: 15_000 }).toMatchObject(state);
}

/** What the watcher has received of somebody so far. */
export async function count(
  watcher: Guest,
  id: string,
  figure: 'framesDecoded' | 'packetsReceived',
  key: 'audio' | 'video' = 'video',
): Promise<number> {
  return (await watcher.window.received(id))[key]?.[figure] ?? 0;
}

/** Waits until packets arrive while one looks. */
export async function expectFlows(watcher: Guest, id: string, key: 'audio' | 'video'): Promise<void> {
  const before = await count(watcher, id, 'packetsReceived', key);
  await expect.poll(() => count(watcher, id, 'packetsReceived', key), { timeout: 15_000 }).toBeGreaterThan(before + 10);
}
