// How long it takes to be in a call, and to see the first picture of somebody:
// from the request for a meeting token on. Prints the figures, judges nothing.
import { expect, test } from 'vitest';

import { about } from '../src/events.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const JOINS = Number(process.env['JOINS'] ?? 30);

interface Timing {
  readonly token: number;
  readonly joined: number;
  readonly frame: number;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN);
}

test(
  'joining',
  async () => {
    const room = await stage.rest.createRoom({}, 'private');
    const token = () => stage.rest.token({ room_name: room.name });
    const host = await stage.guest(room.url, 'Host', { token: await token() });
    const timings: Timing[] = [];
    for (let round = 0; round < JOINS; round += 1) {
      const guest = await stage.window();
      const asked = Date.now();
      const options = { url: room.url, token: await token(), dailyConfig: { proxyUrl: stage.origin } };
      const got = Date.now();
      const { joined, frame } = await guest.page.evaluate(async (options) => {
        const { Daily } = window as unknown as { Daily: { createCallObject(options: object): { on(name: string, listener: (event: { participant: { local: boolean } | null; track: MediaStreamTrack }) => void): void; join(): Promise<unknown> } } };
        const call = Daily.createCallObject(options);
        const firstFrame = new Promise<number>((resolve) => {
          call.on('track-started', ({ participant, track }) => {
            if (participant === null || participant.local || track.kind !== 'video') return;
            const video = Object.assign(document.createElement('video'), { srcObject: new MediaStream([track]), muted: true });
            document.body.append(video);
            video.requestVideoFrameCallback(() => resolve(Date.now()));
            void video.play();
          });
        });
        await call.join();
        return { joined: Date.now(), frame: await firstFrame };
      }, options);
      timings.push({ token: got - asked, joined: joined - asked, frame: frame - asked });
      await guest.close();
      await host.window.event('participant-left', (event) => !about(host.id)(event as never));
    }
    const row = (name: keyof Timing) => {
      const values = timings.map((timing) => timing[name]);
      return `${name}: p50 ${percentile(values, 0.5)} ms, p95 ${percentile(values, 0.95)} ms`;
    };
    process.stdout.write(`${JOINS} joins, from the request for a token to\n  ${row('token')}\n  ${row('joined')}\n  ${row('frame')}\n`);
    expect(timings).toHaveLength(JOINS);
  },
  10 * 60_000,
);
