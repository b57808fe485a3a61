// Judged at the receiver: frames that were decoded, sound that was heard.
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

/** Both see and hear each other, judged at the same time. */
export async function expectTalk(
  one: Receiver,
  oneId: string,
  other: Receiver,
  otherId: string,
): Promise<void> {
  await Promise.all([expectSeesAndHears(one, otherId), expectSeesAndHears(other, oneId)]);
}
