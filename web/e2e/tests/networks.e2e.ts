// Networks and servers that go away for a while: judged by what the people in
// the call receive, before and after.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { AppWindow } from '../src/app-window.ts';
import { expectTalk } from '../src/media.ts';
import { Parlor, type ParlorOptions } from '../src/parlor.ts';
import { Rest } from '../src/rest.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const SILENCE_MS = 10_000;
/** Generous, for a machine that does much else; the printed figure is what counts. */
const BACK_WITHIN_MS = 12_000;

/** A TCP port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Two people in a call of a server of their own. */
async function pair(server: Parlor): Promise<{ ana: AppWindow; bo: AppWindow; anaId: string; boId: string }> {
  const { url } = await new Rest(server.ready).createRoom();
  const [ana, bo] = [await stage.window(), await stage.window()];
  for (const [window, userName] of [[ana, 'Ana'], [bo, 'Bo']] as const) {
    await window.create({ url, userName, dailyConfig: { proxyUrl: server.ready.url } });
  }
  const [anaId, boId] = [(await ana.join()).session_id, (await bo.join()).session_id];
  await expectTalk(ana, anaId, bo, boId);
  return { ana, bo, anaId, boId };
}

test('ten seconds of silence are ridden out: nobody leaves, and all see and hear each other again', async () => {
  const server = await Parlor.start({ name: 'silence' });
  try {
    const { ana, bo, anaId, boId } = await pair(server);
    process.kill(server.pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    process.kill(server.pid, 'SIGCONT');
    await expectTalk(ana, anaId, bo, boId);
    expect(await ana.run('meetingState')).toBe('joined-meeting');
    for (const window of [ana, bo]) expect(await window.events('participant-left')).toEqual([]);
  } finally {
    await server.stop();
  }
});

test('a network that comes back finds media a new way, and nobody leaves', async () => {
  const server = await Parlor.start({ name: 'another-network' });
  try {
    const { ana, bo, anaId, boId } = await pair(server);
    const credentials = (): Promise<string | undefined> =>
      ana.page.evaluate(() => /a=ice-ufrag:(.*)/.exec(window.recorded.peerConnections[0]?.currentLocalDescription?.sdp ?? '')?.[1]);
    const before = await credentials();
    await ana.page.context().setOffline(true);
    await ana.page.context().setOffline(false);
    await expect.poll(credentials, { timeout: 10_000 }).not.toBe(before);
    await expectTalk(ana, anaId, bo, boId);
    for (const window of [ana, bo]) expect(await window.events('participant-left')).toEqual([]);
  } finally {
    await server.stop();
  }
});

test('after a restart of the server both are back by themselves, and see and hear each other', async () => {
  const data = await mkdtemp(join(tmpdir(), 'parlor-networks-'));
  const options: ParlorOptions = { name: 'before', data, listen: `127.0.0.1:${await freePort()}`, env: { PARLOR_API_KEY: 'a-key-of-the-network-test' } };
  const first = await Parlor.start(options);
  const { ana, bo, anaId, boId } = await pair(first);
  await first.kill();
  const second = await Parlor.start({ ...options, name: 'after' });
  const began = Date.now();
  try {
    const others = async (window: AppWindow): Promise<string[]> => Object.keys(await window.participants()).filter((id) => id !== 'local');
    // For a moment they still see the call that is gone.
    const isBack = async (): Promise<boolean> => {
      const [a, b] = [(await ana.me()).session_id, (await bo.me()).session_id];
      return a !== anaId && b !== boId && (await others(ana)).includes(b) && (await others(bo)).includes(a);
    };
    await expect.poll(isBack, { timeout: BACK_WITHIN_MS, interval: 50 }).toBe(true);
    console.info(`ms from the new server's ready line to both being back: ${Date.now() - began}`);
    await expectTalk(ana, (await ana.me()).session_id, bo, (await bo.me()).session_id);
  } finally {
    await second.stop();
    await rm(data, { recursive: true, force: true });
  }
});
