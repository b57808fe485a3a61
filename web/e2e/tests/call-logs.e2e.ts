// What the browsers of a call report of it, as the app's own server reads it afterwards.
import { expect, test } from 'vitest';

import { OLDEST, NEWEST } from '../src/app-server.ts';
import { about } from '../src/events.ts';
import type { CallLogs } from '../src/rest.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();

interface Meeting {
  readonly ana: Guest;
  readonly bo: Guest;
  readonly id: string;
}

/** Two people meet until their connection has been measured, and both leave. */
async function meeting(properties: object = {}): Promise<Meeting> {
  const room = await stage.rest.createRoom({ ...properties });
  const ana = await stage.guest(room.url, 'Ana', {}, NEWEST);
  const bo = await stage.guest(room.url, 'Bo', {}, OLDEST);
  await ana.window.event('participant-joined', about(bo.id));
  const { id } = await ana.window.run<{ id: string }>('meetingSessionSummary');
  await expect.poll(async () => (await ana.window.run<{ stats: { latest: object } }>('getNetworkStats')).stats.latest).toHaveProperty('timestamp');
  await ana.window.run('leave');
  // A closed tab says its last word, too.
  await bo.window.page.close();
  return { ana, bo, id };
}

const messages = ({ logs }: CallLogs): string[] => logs.map(({ message }) => message);

test('who joined, connected and left is in the log of the meeting, with measurements', async () => {
  const { ana, bo, id } = await meeting();
  const whole = { mtgSessionId: id, includeMetrics: 'true', order: 'ASC', limit: '100' };
  await expect.poll(async () => messages(await stage.rest.logs({ ...whole, userSessionId: ana.id })), { timeout: 15_000 }).toContain('left');
  const { logs, metrics } = await stage.rest.logs({ ...whole, userSessionId: ana.id });
  expect(logs.map(({ message }) => message)).toEqual(expect.arrayContaining(['joined', 'signalling connected', 'media connected']));
  expect(logs.every(({ userSessionId, mtgSessionId }) => userSessionId === ana.id && mtgSessionId === id)).toBe(true);
  expect(metrics?.length).toBeGreaterThan(0);
  // From another origin than the server's: whatever went wrong on the way would be here.
  expect(ana.window.traffic.complaints).toEqual([]);
  expect(ana.window.traffic.count(`${stage.origin}/_parlor/logs`)).toBeGreaterThan(0);
  await expect.poll(async () => messages(await stage.rest.logs({ ...whole, userSessionId: bo.id })), { timeout: 15_000 }).toContain('left');
});

test('enable_terse_logging leaves errors only', async () => {
  const { ana, id } = await meeting({ enable_terse_logging: true });
  const quiet = await stage.rest.logs({ mtgSessionId: id, includeMetrics: 'true' });
  expect(messages(quiet)).toEqual([]);
  expect(quiet.metrics).toEqual([]);
  expect(ana.window.traffic.count(`${stage.origin}/_parlor/logs`)).toBe(0);
});
