import { MAX_LOG_MESSAGE_CHARS, MAX_REPORT_BYTES, MAX_REPORT_ENTRIES, REPORT_INTERVAL_MS, type CallLogReport } from "@parlor/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { INTENT, joinAnswer, Rig, view } from "../../engine/test/rig.ts";
import type { LatestFigures } from "../src/figures.ts";
import { LEVEL, linesOf, lineOf } from "../src/log-lines.ts";
import { LogReporter, takeReport, type ReportOutcome } from "../src/log-report.ts";

const TARGET = { server: "http://parlor.test", pass: "pass-1", isTerse: false };
const STATS: LatestFigures = {
  timestamp: 1, sendBps: 1000, recvBps: 2000, videoSendBps: 900, videoRecvBps: 1800, audioSendBps: 100, audioRecvBps: 200,
  videoSendLoss: null, videoRecvLoss: 0.1, audioSendLoss: null, audioRecvLoss: 0, totalSendLoss: null, totalRecvLoss: null, videoSendJitter: null, audioSendJitter: null, videoRecvJitter: null, audioRecvJitter: null,
  roundTripSecs: 0.05, availableSendBps: null,
};

/** A reporter, and the reports that it sent. */
class Desk {
  readonly reports: CallLogReport[] = [];
  outcome: ReportOutcome = "taken";
  readonly reporter = new LogReporter((_server, body) => {
    this.reports.push(JSON.parse(body) as CallLogReport);
    return Promise.resolve(this.outcome);
  });

  note(message: string, level: 0 | 1 | 2 = LEVEL.info): void {
    this.reporter.note({ level, message, code: 1 }, 5);
  }

  get messages(): string[][] {
    return this.reports.map(({ logs }) => logs.map(({ message }) => message));
  }

  /** Lets a report that is on its way arrive. */
  async settle(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("lines from before a stay are reported with it, at intervals, while there is something", async () => {
  const desk = new Desk();
  desk.note("before");
  desk.reporter.flush();
  expect(desk.reports).toEqual([]);
  desk.reporter.begin(TARGET);
  await vi.advanceTimersByTimeAsync(REPORT_INTERVAL_MS);
  expect(desk.reports).toEqual([{ pass: "pass-1", logs: [{ time: 5, level: 1, message: "before", code: 1 }], metrics: [] }]);
  await vi.advanceTimersByTimeAsync(REPORT_INTERVAL_MS * 3);
  expect(desk.reports).toHaveLength(1);
});

test("the end reports the rest at once, even while a report is on its way, and nothing after it", async () => {
  const desk = new Desk();
  desk.reporter.begin(TARGET);
  desk.note("one");
  desk.reporter.flush();
  desk.note("two");
  desk.reporter.end();
  expect(desk.messages).toEqual([["one"], ["two"]]);
  await vi.advanceTimersByTimeAsync(REPORT_INTERVAL_MS * 2);
  expect(desk.reports).toHaveLength(2);
});

test("what did not get through is kept for the next report; what was refused is not", async () => {
  const desk = new Desk();
  desk.reporter.begin(TARGET);
  desk.outcome = "unreachable";
  desk.note("one");
  desk.reporter.flush();
  await desk.settle();
  desk.note("two");
  desk.outcome = "refused";
  desk.reporter.flush();
  await desk.settle();
  desk.reporter.flush();
  expect(desk.messages).toEqual([["one"], ["one", "two"]]);
});

test("what waits is bounded: the oldest measurements go first, then the oldest lines", async () => {
  const desk = new Desk();
  desk.reporter.begin(TARGET);
  desk.reporter.measure(STATS, 20_000);
  for (let count = 0; count < MAX_REPORT_ENTRIES + 10; count += 1) desk.note(`line ${count}`);
  desk.reporter.flush();
  expect(desk.reports[0]?.metrics).toEqual([]);
  expect(desk.reports[0]?.logs).toHaveLength(MAX_REPORT_ENTRIES);
  expect(desk.reports[0]?.logs[0]?.message).toBe("line 10");
});

test("a report is never larger than a browser lets out of a page that ends", () => {
  const logs = Array.from({ length: 100 }, () => ({ time: 1, level: LEVEL.info, message: "ä".repeat(MAX_LOG_MESSAGE_CHARS) }));
  const report = takeReport("pass", logs, [{ time: 1 }]);
  expect(new TextEncoder().encode(JSON.stringify(report)).length).toBeLessThan(MAX_REPORT_BYTES);
  expect(report.logs.length).toBeGreaterThan(10);
});

test("terse logging reports errors only, and no measurements", () => {
  const desk = new Desk();
  desk.note("early", LEVEL.debug);
  desk.reporter.begin({ ...TARGET, isTerse: true });
  desk.note("joined");
  desk.note("broken", LEVEL.error);
  desk.reporter.measure(STATS, 20_000);
  desk.reporter.end();
  expect(desk.messages).toEqual([["broken"]]);
  expect(desk.reports[0]?.metrics).toEqual([]);
});

test("of many measurements one each ten seconds is reported, and the last one", () => {
  const desk = new Desk();
  desk.reporter.begin(TARGET);
  for (let second = 100; second <= 126; second += 2) desk.reporter.measure(STATS, second * 1000);
  desk.reporter.end();
  expect(desk.reports[0]?.metrics.map(({ time }) => time / 1000)).toEqual([100, 110, 120, 126]);
  expect(desk.reports[0]?.metrics[0]).toEqual({
    time: 100_000, recvBitsPerSecond: 2000, sendBitsPerSecond: 1000, networkRoundTripTime: 0.05, videoRecvBitsPerSecond: 1800,
    videoSendBitsPerSecond: 900, audioRecvBitsPerSecond: 200, audioSendBitsPerSecond: 100, videoRecvPacketLoss: 0.1, audioRecvPacketLoss: 0,
  });
});

test("a stay that follows another without an end is reported apart from it", () => {
  const desk = new Desk();
  desk.reporter.begin(TARGET);
  desk.note("first stay");
  desk.reporter.begin({ ...TARGET, pass: "pass-2" });
  desk.note("second stay");
  desk.reporter.end();
  expect(desk.reports.map(({ pass, logs }) => [pass, logs[0]?.message])).toEqual([["pass-1", "first stay"], ["pass-2", "second stay"]]);
});

test("joining, losing the network, trouble and leaving are lines", () => {
  const rig = new Rig();
  const lines: string[] = [];
  const follow = (act: () => void): void => {
    const before = rig.call;
    act();
    lines.push(...linesOf(before, rig.call).map(({ level, message }) => `${level} ${message}`));
  };
  follow(() => rig.on({ type: "join", intent: INTENT }));
  expect(lines).toEqual(["2 joining"]);
  const joined = new Rig();
  joined.join();
  lines.splice(0, lines.length, ...linesOf(new Rig().call, joined.call).map(({ message }) => message));
  expect(lines).toEqual(["joined", "signalling connected", "media connected", "own cam-audio playable", "own cam-video playable"]);
  const before = joined.call;
  joined.on({ type: "socket-closed", socket: joined.last("open-socket").socket });
  expect(linesOf(before, joined.call)).toMatchObject([{ level: LEVEL.error, message: "signalling interrupted" }]);
});

test("a refusal is an error with its reason, and a removal is none", () => {
  const refused = new Rig();
  refused.on({ type: "join", intent: INTENT });
  const before = refused.call;
  refused.on({ type: "join-refused", request: refused.last("request-join").request, error: { reason: "meeting-full", info: "Full." } });
  expect(linesOf(before, refused.call)).toMatchObject([{ level: LEVEL.error, message: "failed: meeting-full during join: Full." }]);
  const removed = new Rig();
  removed.join();
  const during = removed.call;
  removed.hear({ type: "removed", reason: "ejected" });
  expect(linesOf(during, removed.call)).toContainEqual({ level: LEVEL.info, code: 103, message: "removed: ejected" });
});

test("devices that fail are errors, and what people say is no line", () => {
  expect(lineOf({ type: "camera-error", error: { failed: { "cam-video": { reason: "in-use", info: "busy" } } } })).toMatchObject({
    level: LEVEL.error,
    message: "devices failed: cam-video: in-use: busy",
  });
  expect(lineOf({ type: "app-message", from: view("bo").id, data: "secret" })).toBeNull();
});

test("the pass of the join answer begins the report of a stay", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer({ enable_terse_logging: true }) });
  expect(rig.last("report-as")).toEqual({ type: "report-as", server: INTENT.server, pass: "pass-1", isTerse: true });
});
