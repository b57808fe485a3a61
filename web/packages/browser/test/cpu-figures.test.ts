import { expect, test } from "vitest";

import { CpuFigureSampler } from "../src/cpu-figures.ts";

const encoder = { id: "out", type: "outbound-rtp", kind: "video", timestamp: 1_000, framesEncoded: 10, totalEncodeTime: 1, framesPerSecond: 30 };
const decoder = {
  id: "in",
  type: "inbound-rtp",
  kind: "video",
  timestamp: 1_000,
  ssrc: 7,
  trackIdentifier: "t",
  frameWidth: 640,
  frameHeight: 360,
  framesPerSecond: 25,
  framesDecoded: 100,
  totalDecodeTime: 2,
  totalInterFrameDelay: 4,
  totalSquaredInterFrameDelay: 0.2,
};

test("figures are of the time between two looks", () => {
  const sampler = new CpuFigureSampler();
  sampler.take([encoder, decoder]);
  expect(sampler.latest).toBeNull();
  sampler.take([
    { ...encoder, timestamp: 2_000, framesEncoded: 40, totalEncodeTime: 1.3 },
    { ...decoder, timestamp: 2_000, framesDecoded: 125, totalDecodeTime: 2.25, totalInterFrameDelay: 5, totalSquaredInterFrameDelay: 0.24 },
  ]);
  const figures = sampler.latest;
  expect(figures?.encodeSecs).toBeCloseTo(0.01);
  expect(figures?.encodeLoad).toBeCloseTo(0.3);
  expect(figures?.decoders).toHaveLength(1);
  expect(figures?.decoders[0]).toMatchObject({ trackId: "t", ssrc: 7, frameWidth: 640, fps: 25 });
  expect(figures?.decoders[0]?.decodeSecs).toBeCloseTo(0.01);
  expect(figures?.decoders[0]?.load).toBeCloseTo(0.25);
  expect(figures?.decoders[0]?.frameDelayDeviationSecs).toBeCloseTo(0);
});

test("a picture that was not there before has no figures yet, and sound has none at all", () => {
  const sampler = new CpuFigureSampler();
  sampler.take([encoder]);
  sampler.take([encoder, decoder, { ...decoder, id: "sound", kind: "audio" }]);
  expect(sampler.latest?.decoders).toEqual([]);
});
