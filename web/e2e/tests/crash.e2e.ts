// A media thread of the server fails: everybody is back by themselves, and is
// who they were.
import { expect, test } from 'vitest';

import { expectTalk } from '../src/media.ts';
import { Parlor } from '../src/parlor.ts';
import { Rest } from '../src/rest.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();
/** Generous, for a machine that does much else; the printed figure is what counts. */
const BACK_WITHIN_MS = 12_000;

test('after a media thread has failed, its people are back by themselves with the same sessions', async () => {
  // A server of its own: it panics, and the others' calls must go on. Writing
  // a backtrace of a debug build takes longer than all the rest.
  const parlor = await Parlor.start({ name: 'crash', env: { RUST_BACKTRACE: '0' } });
  try {
    const { url, name } = await new Rest(parlor.ready).createRoom();
    const join = async (userName: string): Promise<Guest> => {
      const window = await stage.window();
      await window.create({ url, userName, dailyConfig: { proxyUrl: parlor.ready.url } });
      return { window, id: (await window.join()).session_id };
    };
    const [ana, bo] = [await join('Ana'), await join('Bo')];
    await expectTalk(ana.window, ana.id, bo.window, bo.id);
    const failed = await fetch(`${parlor.ready.url}/_dev/crash`, {
      method: 'POST',
      headers: { authorization: `Bearer ${parlor.ready.api_key}` },
      body: JSON.stringify({ room: name }),
    });
    expect(failed.status).toBe(200);
    const presence = async (): Promise<readonly string[]> => {
      const response = await fetch(`${parlor.ready.url}/v1/rooms/${name}/presence`, {
        headers: { authorization: `Bearer ${parlor.ready.api_key}` },
      });
      const { data } = (await response.json()) as { data: readonly { id: string }[] };
      return data.map(({ id }) => id).sort();
    };
    const began = Date.now();
    await expect.poll(presence, { timeout: BACK_WITHIN_MS }).toEqual([ana.id, bo.id].sort());
    console.info(`ms from the crash to both being back: ${Date.now() - began}`);
    await expectTalk(ana.window, ana.id, bo.window, bo.id);
    for (const { window, id } of [ana, bo]) {
      expect((await window.me()).session_id).toBe(id);
      expect(await window.events('error')).toEqual([]);
      expect(await window.run('meetingState')).toBe('joined-meeting');
    }
  } finally {
    await parlor.stop();
  }
});
