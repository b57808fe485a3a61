import type { Call, CallEvent } from "@parlor/browser";
import { beforeEach, expect, test, vi } from "vitest";

import { Machine } from "../src/machine.ts";
import type { Fields } from "../src/message.ts";
import { Rig } from "../../engine/test/rig.ts";

const made = vi.hoisted(() => ({ calls: [] as unknown[] }));
vi.mock("@parlor/browser", () => ({ createCall: () => made.calls.shift() }));

type Told = [action: string, fields: Fields | undefined];

/** A joined call that records when asked, and says what a test has it say. */
function scripted() {
  const rig = new Rig();
  rig.join();
  const listeners = new Set<(event: CallEvent) => void>();
  let count = 0;
  const over: Record<string, unknown> = {
    state: rig.call,
    subscribe: () => () => undefined,
    onEvent: (listener: (event: CallEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    startLocalRecording: () => Promise.resolve((count += 1)),
  };
  const call = new Proxy(over, { get: (_target, name: string) => over[name] ?? (() => undefined) }) as unknown as Call;
  return { call, say: (event: CallEvent): void => listeners.forEach((listener) => listener(event)) };
}

let told: Told[] = [];

beforeEach(() => {
  told = [];
});

function machineOf(...calls: Call[]): Machine {
  made.calls.push(...calls);
  return new Machine({ channel: { send: (action, fields) => told.push([action, fields]), reply: () => undefined }, shelves: () => [] });
}

function piece(recording: number, text: string, isLast = false): CallEvent {
  return { type: "recording-data", recording, data: new Blob([text]), isLast };
}

function texts(): unknown[] {
  const data = told.filter(([action]) => action === "recording-data");
  return data.map(([, fields]) => [new TextDecoder().decode(fields?.["data"] as Uint8Array), fields?.["finished"]]);
}

function stopped(): unknown[] {
  return told.filter(([action]) => action === "recording-stopped").map(([, fields]) => fields?.["instanceId"]);
}

test("whoever leaves while recording gets the last piece", async () => {
  const { call, say } = scripted();
  const machine = machineOf(call);
  await machine.recorder.start("a");
  machine.leave();
  say(piece(1, "end", true));
  await vi.waitFor(() => expect(stopped()).toEqual(["a"]));
  expect(texts()).toEqual([["end", true]]);
  expect(machine.recorder.isRunning).toBe(false);
});

test("so does whoever begins anew at once", async () => {
  const [first, second] = [scripted(), scripted()];
  const machine = machineOf(first.call, second.call);
  await machine.recorder.start("a");
  machine.leave();
  machine.reset();
  first.say(piece(1, "end", true));
  await vi.waitFor(() => expect(stopped()).toEqual(["a"]));
});

test("a recording that starts while the last one ends has its own pieces", async () => {
  const { call, say } = scripted();
  const { recorder } = machineOf(call);
  await recorder.start("a");
  recorder.stop();
  expect(recorder.isRunning).toBe(false);
  await recorder.start("b");
  say(piece(1, "a's end", true));
  expect(recorder.isRunning).toBe(true);
  say(piece(2, "b"));
  say(piece(2, "b's end", true));
  await vi.waitFor(() => expect(stopped()).toEqual(["a", "b"]));
  expect(texts()).toEqual([["a's end", true], ["b", false], ["b's end", true]]);
});

test("a piece that cannot be read is told of, and the rest comes all the same", async () => {
  const { call, say } = scripted();
  const { recorder } = machineOf(call);
  await recorder.start("a");
  const unreadable = Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error("gone")) });
  say({ type: "recording-data", recording: 1, data: unreadable, isLast: false });
  say(piece(1, "end", true));
  await vi.waitFor(() => expect(stopped()).toEqual(["a"]));
  expect(texts()).toEqual([["end", true]]);
  expect(told).toContainEqual(["recording-error", { instanceId: "a", errorMsg: "gone" }]);
});

test("a recording that failed is over", async () => {
  const { call, say } = scripted();
  const { recorder } = machineOf(call);
  await recorder.start("a");
  say({ type: "recording-failed", recording: 1, info: "no room on the disk" });
  say(piece(1, "end", true));
  expect(recorder.isRunning).toBe(false);
  expect(told.at(-1)).toEqual(["recording-error", { instanceId: "a", errorMsg: "no room on the disk" }]);
});
