// Ten seconds in which the server says nothing: nobody is gone afterwards.
import { expect, test } from 'vitest';

import { about } from '../src/events.ts';
import { expectTalk } from '../src/media.ts';
import { Parlor } from '../src/parlor.ts';
import { Rest } from '../src/rest.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();
const SILENCE_MS = 10_000;

test('after ten seconds of silence picture and sound are back, with the same people', async () => {
  // A server of its own: the others' calls must go on.
  const parlor = await Parlor.start({ name: 'silence' });
  try {
    const { url } = await new Rest(parlor.ready).createRoom();
    const join = async (userName: string): Promise<Guest> => {
      const window = await stage.window();
      await window.create({ url, userName, dailyConfig: { proxyUrl: parlor.ready.url } });
      return { window, id: (await window.join()).session_id };
    };
    const [ana, bo] = [await join('Ana'), await join('Bo')];
    await expectTalk(ana.window, ana.id, bo.window, bo.id);
    process.kill(parlor.pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    process.kill(parlor.pid, 'SIGCONT');
    await expectTalk(ana.window, ana.id, bo.window, bo.id);
    for (const [one, other] of [[ana, bo], [bo, ana]] as const) {
      expect((await one.window.me()).session_id).toBe(one.id);
      expect((await one.window.events<Parameters<ReturnType<typeof about>>[0]>('participant-left')).filter(({ data }) => about(other.id)(data))).toEqual([]);
      expect(await one.window.events('error')).toEqual([]);
    }
  } finally {
    process.kill(parlor.pid, 'SIGCONT');
    await parlor.stop();
  }
});
