// Cameras in several sizes: judged by the pictures that arrive.
import { expect, test } from 'vitest';

import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();

async function pair(roomProperties: Readonly<Record<string, unknown>> = {}, options: Readonly<Record<string, unknown>> = {}): Promise<{ ana: Guest; bo: Guest }> {
  const { url } = await stage.rest.createRoom(roomProperties);
  const ana = await stage.guest(url, 'Ana', options);
  const bo = await stage.guest(url, 'Bo', options);
  return { ana, bo };
}

/** Passes once the pictures of somebody are that wide, and go on. A busy computer sends the largest size somewhat smaller. */
async function widthOf(watcher: Guest, someone: Guest, fits: (width: number) => boolean): Promise<void> {
  const decoded = async (): Promise<number> => (await watcher.window.received(someone.id)).video?.framesDecoded ?? 0;
  await expect
    .poll(async () => fits((await watcher.window.received(someone.id)).video?.frameWidth ?? 0), { timeout: 30_000, interval: 200, message: 'the width of the picture' })
    .toBe(true);
  const before = await decoded();
  await expect.poll(decoded, { timeout: 10_000, interval: 200 }).toBeGreaterThan(before + 10);
}

interface Outbound {
  readonly rid?: string;
  readonly active?: boolean;
  readonly framesSent?: number;
}

/** The encodings of a camera, as its sender counts them. */
async function encodings(guest: Guest): Promise<Outbound[]> {
  return guest.window.page.evaluate(async () => {
    const senders = window.recorded.peerConnections.flatMap((connection) => connection.getSenders());
    const reports = await Promise.all(senders.map((sender) => sender.getStats()));
    const all = reports.flatMap((report) => Array.from(report.values()));
    return all.filter((entry) => entry.type === 'outbound-rtp' && entry.kind === 'video').map(({ rid, active, framesSent }) => ({ rid, active, framesSent }));
  });
}

test('a receiver gets the size that it asks for, and another one when it asks for that', async () => {
  const { ana, bo } = await pair();
  await widthOf(bo, ana, (width) => width > 640);
  await bo.window.run('updateReceiveSettings', { [ana.id]: { video: { layer: 0 } } });
  await widthOf(bo, ana, (width) => width > 0 && width <= 320);
  await bo.window.run('updateReceiveSettings', { [ana.id]: { video: { layer: 1 } } });
  await widthOf(bo, ana, (width) => width > 320 && width <= 640);
  await bo.window.run('updateReceiveSettings', { [ana.id]: { video: { layer: 2 } } });
  await widthOf(bo, ana, (width) => width > 640);
});

test('sizes that nobody receives are not sent', async () => {
  const { ana, bo } = await pair();
  await widthOf(bo, ana, (width) => width > 640);
  await bo.window.run('updateReceiveSettings', { [ana.id]: { video: { layer: 0 } } });
  await widthOf(bo, ana, (width) => width > 0 && width <= 320);
  await expect.poll(async () => (await encodings(ana)).filter(({ active }) => active === true).map(({ rid }) => rid), { timeout: 15_000 }).toEqual(['q']);
});

test('an application says how its camera is sent', async () => {
  const { ana, bo } = await pair();
  await widthOf(bo, ana, (width) => width > 640);
  await ana.window.run('updateSendSettings', { video: { maxQuality: 'low' } });
  await widthOf(bo, ana, (width) => width > 0 && width <= 320);
  await ana.window.run('updateSendSettings', { video: 'default-video' });
  await widthOf(bo, ana, (width) => width > 640);
});

test.each(['vp9', 'av1', 'h264'])('a camera in %s is seen', async (videoCodec) => {
  const { ana, bo } = await pair({}, { dailyConfig: { proxyUrl: stage.origin, parlor: { videoCodec } } });
  await widthOf(bo, ana, (width) => width >= 160);
  const codec = await bo.window.page.evaluate(async () => {
    const receivers = window.recorded.peerConnections.flatMap((connection) => connection.getReceivers());
    const reports = await Promise.all(receivers.map((receiver) => receiver.getStats()));
    const all = reports.flatMap((report) => Array.from(report.values()));
    const inbound = all.find((entry) => entry.type === 'inbound-rtp' && entry.kind === 'video' && entry.framesDecoded > 0);
    return all.find((entry) => entry.id === inbound?.codecId)?.mimeType as string | undefined;
  });
  expect(codec?.toLowerCase()).toBe(`video/${videoCodec}`);
});
