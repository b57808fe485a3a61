import { expect, test } from "vitest";

import { lifecycleActions } from "../src/actions/lifecycle.ts";
import { messageActions } from "../src/actions/messages.ts";
import type { Machine } from "../src/machine.ts";
import type { Fields } from "../src/message.ts";

/** A machine of which only what these actions call is there, and what they call it with. */
function recorder(): { readonly machine: Machine; readonly calls: unknown[][] } {
  const calls: unknown[][] = [];
  const machine = {
    call: {
      setSessionData: (...args: unknown[]) => void calls.push(args),
      log: (...args: unknown[]) => void calls.push(args),
    },
    tellSessionDataError: (text: string) => void calls.push([text]),
  };
  return { machine: machine as unknown as Machine, calls };
}

function set(fields: Fields): unknown[][] {
  const { machine, calls } = recorder();
  expect(messageActions["set-session-data"]?.(machine, fields, () => undefined)).toBeNull();
  return calls;
}

test("session data replaces what was, unless it is to be merged", () => {
  expect(set({ data: { a: 1 }, mergeStrategy: "replace" })).toEqual([[{ a: 1 }, "replace"]]);
  expect(set({ data: { a: 1 } })).toEqual([[{ a: 1 }, "replace"]]);
  expect(set({ data: { a: 1 }, mergeStrategy: "shallow-merge" })).toEqual([[{ a: 1 }, "shallow-merge", []]]);
});

test("in a merge, a key whose value is undefined goes", () => {
  expect(set({ data: { a: 1, b: undefined }, mergeStrategy: "shallow-merge" })).toEqual([[{ a: 1, b: undefined }, "shallow-merge", ["b"]]]);
});

test("no data at all empties it, and what is no object is told of", () => {
  expect(set({ mergeStrategy: "replace" })).toEqual([[{}, "replace"]]);
  expect(set({ data: [1], mergeStrategy: "replace" })).toEqual([["Session data must be an object."]]);
});

test("too much data is told of before it is sent", () => {
  expect(set({ data: { text: "x".repeat(102_400) } })).toEqual([[expect.stringContaining("at most 102400 are allowed")]]);
});

test("what daily-js logs goes into the call's log, by level", () => {
  const { machine, calls } = recorder();
  lifecycleActions["transmit-log"]?.(machine, { level: "log", code: 1011, stats: { event: "bundle load", time: 31.4, url: "https://secret" } }, () => undefined);
  lifecycleActions["transmit-log"]?.(machine, { level: "error", code: 9995 }, () => undefined);
  lifecycleActions["transmit-log"]?.(machine, { level: "warn", code: "x" }, () => undefined);
  expect(calls).toEqual([
    [2, "daily-js: bundle load took 31 ms", 1011],
    [0, "daily-js: note", 9995],
    [1, "daily-js: note", undefined],
  ]);
});
