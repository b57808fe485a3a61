import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { expectTalk } from '../src/media.ts';
import { Parlor, type ParlorOptions } from '../src/parlor.ts';
import { Rest, type Room } from '../src/rest.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const API_KEY = 'a-key-of-the-restart-test';

/** A TCP port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('after kill -9 and a new start on the same folder and port, rooms are there and calls work', async () => {
  const data = await mkdtemp(join(tmpdir(), 'parlor-restart-'));
  const options: ParlorOptions = {
    name: 'restart',
    data,
    listen: `127.0.0.1:${await freePort()}`,
    env: { PARLOR_API_KEY: API_KEY },
  };
  const first = await Parlor.start(options);
  const rest = new Rest(first.ready);
  const room = await rest.createRoom({ start_video_off: true, max_participants: 7 }, 'private');
  const token = await rest.token({ room_name: room.name, start_video_off: false });
  const owner = { token, dailyConfig: { proxyUrl: first.ready.url } };
  const early = await stage.window();
  await early.create({ url: room.url, ...owner });
  await early.join();
  await first.kill();

  const second = await Parlor.start({ ...options, name: 'restart-again' });
  try {
    expect(second.ready.url).toBe(first.ready.url);
    expect((await rest.send<Room>('GET', `/rooms/${room.name}`)).body).toEqual(room);
    const ana = await stage.window();
    const bo = await stage.window();
    for (const guest of [ana, bo]) await guest.create({ url: room.url, ...owner });
    const [anaId, boId] = [(await ana.join()).session_id, (await bo.join()).session_id];
    await expectTalk(ana, anaId, bo, boId);
    // Whoever was in the call is told, or is in it again; nobody waits for ever.
    await expect
      .poll(async () => {
        const state = await early.run('meetingState');
        const isBack = (await ana.sees((await early.participants())['local']?.session_id ?? '')) !== undefined;
        return state === 'error' || isBack;
      }, { timeout: 30_000 })
      .toBe(true);
  } finally {
    await second.stop();
    await rm(data, { recursive: true, force: true });
  }
});
