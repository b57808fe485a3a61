import { afterEach, expect, test, vi } from "vitest";

import { CheckDesk } from "../src/check-desk.ts";
import { gradeOf, takeSamples } from "../src/checks.ts";
import type { LatestFigures } from "../src/figures.ts";
import { Runner } from "../src/runner.ts";
import { joinAnswer } from "../../engine/test/rig.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Two seconds of a connection; a report of its own at each look. */
function looks(): () => Promise<Map<string, object>> {
  let second = 0;
  return () => {
    second += 1;
    const pair = { type: "candidate-pair", timestamp: second * 1000, nominated: true, currentRoundTripTime: 0.05, bytesSent: second * 100_000 };
    return Promise.resolve(new Map([["pair", pair]]));
  };
}

async function samplesOf(ms: number): Promise<LatestFigures[]> {
  vi.useFakeTimers();
  const samples: LatestFigures[] = [];
  const taken = takeSamples(looks(), samples, ms, new AbortController().signal);
  await vi.runAllTimersAsync();
  expect(await taken).toBe(true);
  return samples;
}

test("a second is enough for a sample", async () => {
  expect(await samplesOf(1_000)).toHaveLength(1);
  expect(await samplesOf(3_000)).toHaveLength(3);
});

test("where nothing was measured, nothing is good", () => {
  expect(gradeOf([])).toBeNull();
});

test("a check goes the ways that the application gave", async () => {
  const asked: string[] = [];
  const made = new Promise<RTCConfiguration>((resolve) => stubBrowser(asked, resolve));
  const runner = new Runner();
  runner.proxy = "http://proxy.test";
  runner.setIce({ iceServers: [{ urls: "turn:own.test" }], placement: "replace", iceTransportPolicy: "relay" });
  const desk = new CheckDesk(runner);
  const outcome = desk.connection("network", { url: "http://parlor.test/den" });
  expect(await made).toMatchObject({ iceServers: [{ urls: "turn:own.test" }], iceTransportPolicy: "relay" });
  expect(asked).toEqual(["http://proxy.test/_parlor/join", "ws://proxy.test/_parlor/call"]);
  desk.abort();
  expect(await outcome).toBe("aborted");
});

/** As much of a browser as a connection needs to begin, and nobody who answers. */
function stubBrowser(asked: string[], made: (configuration: RTCConfiguration) => void): void {
  vi.stubGlobal("MediaStream", EventTarget);
  vi.stubGlobal("fetch", (url: string) => {
    if (url.endsWith("/join")) asked.push(url);
    return Promise.resolve({ ok: true, json: () => Promise.resolve(joinAnswer()) });
  });
  class Socket extends EventTarget {
    constructor(url: string) {
      super();
      asked.push(url);
    }
    close(): void {}
  }
  vi.stubGlobal("WebSocket", Socket);
  class Peer extends EventTarget {
    constructor(configuration: RTCConfiguration) {
      super();
      made(configuration);
    }
    addTransceiver = (): object => ({ mid: null, receiver: { track: Object.assign(new EventTarget(), { kind: "audio" }) }, sender: { replaceTrack: () => Promise.resolve() } });
    createOffer = (): Promise<never> => Promise.reject(new Error("no offers here"));
    signalingState = "closed";
    close(): void {}
  }
  vi.stubGlobal("RTCPeerConnection", Peer);
}
