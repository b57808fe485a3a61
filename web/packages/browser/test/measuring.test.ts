import { expect, test } from "vitest";

import { gradeOf } from "../src/checks.ts";
import { CpuLoad } from "../src/cpu-load.ts";
import type { LatestFigures } from "../src/figures.ts";
import { StatsSampler } from "../src/stats.ts";

/** Two seconds each; the totals so far. */
function look(second: number, lost: number, roundTrip: number) {
  return [
    { type: "candidate-pair", timestamp: second * 1000, nominated: true, currentRoundTripTime: roundTrip, availableOutgoingBitrate: 1_000_000 },
    { type: "inbound-rtp", timestamp: second * 1000, kind: "video" as const, bytesReceived: second * 1000, packetsReceived: second * 100 - lost, packetsLost: lost, jitter: roundTrip / 10 },
    { type: "remote-inbound-rtp", timestamp: second * 1000, kind: "audio" as const, packetsLost: 0, jitter: 0.002 },
  ];
}

test("the worst of the call stays, the average is of all looks, and both survive another connection", () => {
  const sampler = new StatsSampler();
  sampler.take(look(0, 0, 0.1));
  sampler.take(look(2, 20, 0.1));
  expect(sampler.take(look(4, 20, 0.3))).toMatchObject({ videoRecvLoss: 0, totalRecvLoss: 0, audioSendJitter: 0.002, worst: { videoRecvLoss: 0.1, videoRecvJitter: 0.03 }, averageRoundTripSecs: 0.2 });
  sampler.resume();
  expect(sampler.latest).toBeNull();
  sampler.take(look(0, 0, 0.5));
  expect(sampler.take(look(2, 0, 0.5))?.worst.videoRecvLoss).toBe(0.1);
  sampler.reset();
  sampler.take(look(0, 0, 0.5));
  expect(sampler.take(look(2, 0, 0.5))).toMatchObject({ worst: { videoRecvLoss: 0 }, averageRoundTripSecs: 0.5 });
});

test("pictures that are dropped, or take too long, make a high load of decoding", () => {
  const load = new CpuLoad();
  const decoder = (framesDecoded: number, framesDropped: number, totalDecodeTime: number) =>
    load.take([{ id: "in", type: "inbound-rtp", kind: "video", framesDecoded, framesDropped, totalDecodeTime }]);
  decoder(0, 0, 0);
  expect([1, 2, 3].map((step) => decoder(step * 30, step * 15, 0).load)).toEqual(["low", "low", "high"]);
  expect([4, 5, 6].map((step) => decoder(step * 30, 45, 0).load)).toEqual(["high", "high", "low"]);
  expect([7, 8, 9].map((step) => decoder(step * 30, 45, (step - 6) * 2)).at(-1)).toEqual({ load: "high", reason: "decode" });
});

const FIGURES = { totalSendLoss: 0, roundTripSecs: 0.02, availableSendBps: 2_000_000, sendBps: 1_000_000 } as LatestFigures;

test.each<[string, Partial<LatestFigures>, string]>([
  ["a good network", {}, "good"],
  ["some loss", { totalSendLoss: 0.05 }, "warning"],
  ["much loss", { totalSendLoss: 0.2 }, "bad"],
  ["a long way", { roundTripSecs: 0.4 }, "warning"],
  ["a narrow way", { availableSendBps: 80_000 }, "bad"],
  ["a way of unknown width", { availableSendBps: null }, "good"],
])("a check over %s", (_, figures, grade) => {
  expect(gradeOf([{ ...FIGURES, ...figures }])).toBe(grade);
});
