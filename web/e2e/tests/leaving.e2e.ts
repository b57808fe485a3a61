import type { WebSocketRoute } from 'playwright-core';
import { expect, test } from 'vitest';

import { connectTo, signalBrowser, startBrowser } from '../src/browser.ts';
import { about, type AboutSomebody } from '../src/events.ts';
import { expectTalk } from '../src/media.ts';
import { AppWindow } from '../src/app-window.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();

interface Connection {
  readonly type: string;
  readonly event: string;
}

/** Somebody who is only lost may come back for five seconds: sooner is at once. */
const AT_ONCE_MS = 4_500;

/** How long after `since` the watcher was told that the person is gone. */
async function goneAfter(watcher: Guest, id: string, since: number, withinMs: number): Promise<number> {
  const event = await watcher.window.event<AboutSomebody>('participant-left', about(id), withinMs + 5_000);
  console.info(`ms until the others knew: ${event.at - since}`);
  return event.at - since;
}

/** Two in a call; the watcher knows the other. */
async function twoInACall(): Promise<{ watcher: Guest; other: Guest; url: string }> {
  const { url } = await stage.rest.createRoom();
  const watcher = await stage.guest(url, 'Watcher');
  const other = await stage.guest(url, 'Other');
  await watcher.window.event('participant-joined', about(other.id));
  return { watcher, other, url };
}

test('leaving is seen by the others, and the same object can join again', async () => {
  const { watcher, other } = await twoInACall();
  await other.window.run('leave');
  await watcher.window.event('participant-left', about(other.id));
  expect(await other.window.run('meetingState')).toBe('left-meeting');
  const again = await other.window.join();
  expect(again.session_id).not.toBe(other.id);
  await watcher.window.event('participant-joined', about(again.session_id));
  await expectTalk(watcher.window, watcher.id, other.window, again.session_id);
});

test('a second object in the same page joins after the first was destroyed', async () => {
  const { watcher, other, url } = await twoInACall();
  await other.window.run('destroy');
  await watcher.window.event('participant-left', about(other.id));
  await other.window.create(stage.callOptions(url));
  const again = await other.window.join();
  await watcher.window.event('participant-joined', about(again.session_id));
  await expectTalk(watcher.window, watcher.id, other.window, again.session_id);
});

test('somebody whose tab was closed is gone at once', async () => {
  const { watcher, other } = await twoInACall();
  const since = Date.now();
  await other.window.page.close();
  expect(await goneAfter(watcher, other.id, since, AT_ONCE_MS)).toBeLessThanOrEqual(AT_ONCE_MS);
});

test('somebody who goes to another page is gone at once', async () => {
  const { watcher, other } = await twoInACall();
  const since = Date.now();
  await other.window.page.goto('about:blank');
  expect(await goneAfter(watcher, other.id, since, AT_ONCE_MS)).toBeLessThanOrEqual(AT_ONCE_MS);
});

test.each([
  { how: 'was killed', signal: 'SIGKILL' as const, withinMs: 10_000 },
  { how: 'lost the network', signal: 'SIGSTOP' as const, withinMs: 20_000 },
])('somebody whose browser $how is gone within $withinMs ms', async ({ signal, withinMs }) => {
  const { url } = await stage.rest.createRoom();
  const watcher = await stage.guest(url, 'Watcher');
  const process = await startBrowser();
  try {
    const elsewhere = { browser: await connectTo(process.wsEndpoint()), appUrl: stage.appUrl };
    const other = await AppWindow.open(elsewhere);
    await other.create(stage.callOptions(url));
    const { session_id: id } = await other.join();
    await watcher.window.event('participant-joined', about(id));
    const since = Date.now();
    signalBrowser(process, signal);
    expect(await goneAfter(watcher, id, since, withinMs)).toBeLessThanOrEqual(withinMs);
  } finally {
    await process.kill();
  }
});

test('a call socket that breaks is resumed with the same session, and nobody is told of a leave', async () => {
  const { url } = await stage.rest.createRoom();
  const watcher = await stage.guest(url, 'Watcher');
  const other = await stage.window();
  const sockets: { page: WebSocketRoute; server: WebSocketRoute }[] = [];
  await other.page.routeWebSocket(/\/_parlor\/call/, (page) => {
    sockets.push({ page, server: page.connectToServer() });
  });
  await other.create(stage.callOptions(url));
  const { session_id: id } = await other.join();
  await watcher.window.event('participant-joined', about(id));
  await Promise.all(sockets.flatMap(({ page, server }) => [page.close({ code: 4000 }), server.close({ code: 4000 })]));
  await other.event<Connection>('network-connection', ({ type, event }) => type === 'signaling' && event === 'interrupted');
  await expect.poll(() => sockets.length, { timeout: 10_000 }).toBeGreaterThan(1);
  await expect
    .poll(async () => (await other.events<Connection>('network-connection')).at(-1)?.data)
    .toMatchObject({ type: 'signaling', event: 'connected' });
  expect((await other.me()).session_id).toBe(id);
  await expectTalk(watcher.window, watcher.id, other, id);
  expect(await watcher.window.events('participant-left')).toEqual([]);
});
