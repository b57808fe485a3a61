// Judged at the receiver: frames that were decoded, sound that was heard.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

import type { Inbound } from './app-window.ts';

export interface Media {
  readonly audio?: Inbound;
  readonly video?: Inbound;
}

/** Anything that can say what it received of somebody. */
export interface Receiver {
  received(sessionId: string): Promise<Media>;
}

export const ENOUGH_FRAMES_PER_SECOND = 15;
/** The fake microphone beeps, so a shorter look may fall between two beeps. */
const LOOK_MS = 3_000;
/** Several looks, because a first one may fall into the start of the codec. */
const FLOWS_WITHIN_MS = 40_000;
const STARTS_WITHIN_MS = 20_000;

interface Flow {
  readonly framesPerSecond: number;
  readonly energy: number;
  readonly width: number;
  readonly height: number;
}

/** Frames a second and audio energy between two looks. */
async function measure(receiver: Receiver, sessionId: string): Promise<Flow> {
  const before = await receiver.received(sessionId);
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const after = await receiver.received(sessionId);
  const seconds = ((after.video?.timestamp ?? 0) - (before.video?.timestamp ?? 0)) / 1000;
  const frames = (after.video?.framesDecoded ?? 0) - (before.video?.framesDecoded ?? 0);
  return {
    framesPerSecond: seconds > 0 && before.video !== undefined ? frames / seconds : 0,
    energy: (after.audio?.totalAudioEnergy ?? 0) - (before.audio?.totalAudioEnergy ?? 0),
    width: after.video?.frameWidth ?? 0,
    height: after.video?.frameHeight ?? 0,
  };
}

/** Looking before the first frame would waste a look. */
async function started(receiver: Receiver, sessionId: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const { audio, video } = await receiver.received(sessionId);
        return { audio: audio !== undefined, frames: (video?.framesDecoded ?? 0) > 0 };
      },
      { timeout: STARTS_WITHIN_MS, interval: 100 },
    )
    .toEqual({ audio: true, frames: true });
}

/** Passes once the receiver decodes 15 frames a second and hears something, both over three seconds. */
export async function expectSeesAndHears(receiver: Receiver, sessionId: string): Promise<Flow> {
  let flow: Flow | undefined;
  await started(receiver, sessionId);
  await expect
    .poll(
      async () => {
        flow = await measure(receiver, sessionId);
        return { video: flow.framesPerSecond >= ENOUGH_FRAMES_PER_SECOND, audio: flow.energy > 0, flow };
      },
      { timeout: FLOWS_WITHIN_MS, interval: 0 },
    )
    .toMatchObject({ video: true, audio: true });
  expect(flow?.width).toBeGreaterThanOrEqual(160);
  return flow as Flow;
}

/** Passes once more pictures and more sound have arrived: that media flows, not how well. */
export async function expectArrives(receiver: Receiver, sessionId: string): Promise<void> {
  const before = await receiver.received(sessionId);
  await expect
    .poll(
      async () => {
        const { audio, video } = await receiver.received(sessionId);
        return {
          video: (video?.framesDecoded ?? 0) > (before.video?.framesDecoded ?? 0) + 10,
          audio: (audio?.totalAudioEnergy ?? 0) > (before.audio?.totalAudioEnergy ?? 0),
        };
      },
      { timeout: FLOWS_WITHIN_MS, interval: 100 },
    )
    .toEqual({ video: true, audio: true });
}

/** Both see and hear each other, judged at the same time. */
export async function expectTalk(
  one: Receiver,
  oneId: string,
  other: Receiver,
  otherId: string,
): Promise<void> {
  await Promise.all([expectSeesAndHears(one, otherId), expectSeesAndHears(other, oneId)]);
}

/** What the busiest of a page's receivers got: whole, where there is one other in the call. */
export async function receivedByPage(page: Page): Promise<Media> {
  return page.evaluate(async () => {
    const receivers = window.recorded.peerConnections.flatMap((connection) => connection.getReceivers());
    const reports = await Promise.all(receivers.map((receiver) => receiver.getStats()));
    const inbound = reports.flatMap((report) => Array.from(report.values())).filter((entry) => entry.type === 'inbound-rtp');
    const most = (kind: string, key: string) =>
      inbound.filter((entry) => entry.kind === kind).sort((a, b) => (b[key] ?? 0) - (a[key] ?? 0))[0];
    return { audio: most('audio', 'totalAudioEnergy'), video: most('video', 'framesDecoded') };
  });
}
