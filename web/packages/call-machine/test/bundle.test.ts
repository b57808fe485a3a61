import { gzipSync } from "node:zlib";

import { build } from "vite";
import { afterEach, beforeAll, expect, test, vi } from "vitest";

import { FakePage } from "./fake-page.ts";

let code = "";

beforeAll(async () => {
  const root = new URL("..", import.meta.url).pathname;
  const outputs = await build({ root, logLevel: "error", build: { write: false } });
  const [output] = Array.isArray(outputs) ? outputs : [outputs];
  if (!output || !("output" in output)) throw new Error("the build gave no output");
  expect(output.output).toHaveLength(1);
  code = output.output[0].code;
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** As daily-js runs it by default. */
function evaluate(): void {
  // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- this is what daily-js does
  Function(`"use strict";${code}`)();
}

interface Instance {
  tracks?: object;
  callMachine?: { store: { getState(): unknown }; reset(): void };
  resetCallMachine?: () => void;
}

function request(idField: string, id: string, action: string, stamp?: string): Record<string, unknown> {
  return { what: "iframe-call-message", from: "module", [idField]: id, action, ...(stamp === undefined ? {} : { callbackStamp: stamp }) };
}

test("the bundle keeps to its budget", () => {
  expect(gzipSync(code).length).toBeLessThan(90 * 1024);
});

test("0.49: the id is in _dailyConfig, the store and the set-up are global", () => {
  const page = new FakePage({ _dailyConfig: { callFrameId: "old" } });
  evaluate();
  expect(page).toHaveProperty("store.getState");
  expect(page).toHaveProperty("_dailyCallObjectSetup");
  expect(page.posted).toMatchObject([{ action: "loaded", callFrameId: "old", callClientId: "old", from: "embedded" }]);
});

test("0.49: joining again sets up anew, without another loaded", () => {
  const page = new FakePage({ _dailyConfig: { callFrameId: "old" } });
  evaluate();
  const globals = page as unknown as { store: unknown; _dailyCallObjectSetup: (id: string) => void };
  const { store } = globals;
  globals._dailyCallObjectSetup("old");
  expect(globals.store).not.toBe(store);
  expect(page.actions()).toEqual(["loaded"]);
  expect(page.listenerCount).toBe(1);
});

test("0.59 and 0.62: pendings and instances, each with its own way to reset", () => {
  const instance: Instance = {};
  const page = new FakePage({ _daily: { pendings: ["mid"], instances: { mid: instance } } });
  evaluate();
  expect(instance.resetCallMachine).toBeTypeOf("function");
  expect(instance.callMachine?.store.getState()).toMatchObject({ local: {}, participants: {}, streams: {} });
  expect(page).toHaveProperty("store.getState");
  expect(page).toHaveProperty("_daily.pendings", []);
  expect(page.posted).toMatchObject([{ action: "loaded", callFrameId: "mid" }]);
});

test.each(["0.68", "0.85", "0.92"])("%s: instances with tracks, and no global store", () => {
  const instance: Instance = { tracks: {} };
  const page = new FakePage({ _daily: { pendings: ["new"], instances: { new: instance } } });
  evaluate();
  expect(instance.callMachine).toBeDefined();
  expect(page).not.toHaveProperty("store");
  instance.callMachine?.reset();
  expect(page.actions()).toEqual(["loaded"]);
});

test("0.59: the global store is the newest client's", () => {
  const page = new FakePage({ _daily: { pendings: ["one"], instances: { one: {} } } });
  const globals = page as unknown as { store: unknown; _daily: { pendings: string[] } };
  evaluate();
  const { store } = globals;
  globals._daily.pendings.push("two");
  evaluate();
  expect(globals.store).not.toBe(store);
});

test("a store of the application's own is left alone", () => {
  const store = { mine: true };
  const page = new FakePage({ store, _daily: { pendings: ["mid"], instances: { mid: {} } } });
  evaluate();
  expect(page).toHaveProperty("store", store);
});

test("several clients on one page get machines of their own", () => {
  const instances: Record<string, Instance> = { one: { tracks: {} }, two: { tracks: {} } };
  const page = new FakePage({ _daily: { pendings: ["one"], instances } });
  evaluate();
  const first = instances["one"]?.callMachine;
  (page as unknown as { _daily: { pendings: string[] } })._daily.pendings.push("two");
  evaluate();
  expect(instances["one"]?.callMachine).toBe(first);
  expect(instances["two"]?.callMachine?.store).not.toBe(first?.store);
  expect(page.posted.map((message) => message["callClientId"])).toEqual(["one", "two"]);
});

test("a cancelled load by script element attaches to nobody", () => {
  const page = new FakePage({ _daily: { pendings: ["dead"], instances: { dead: {} } }, _dailyCallMachineLoadWaitlist: new Set() });
  page.document.currentScript = {};
  evaluate();
  expect(page.posted).toEqual([]);
});

test("the empty wait list does not stop a fetched bundle", () => {
  const page = new FakePage({ _daily: { pendings: ["new"], instances: { new: { tracks: {} } } }, _dailyCallMachineLoadWaitlist: new Set() });
  evaluate();
  expect(page.actions()).toEqual(["loaded"]);
});

test("every stamped request is answered, the unsupported with an error", async () => {
  const page = new FakePage({ _daily: { pendings: ["new"], instances: { new: { tracks: {} } } } });
  evaluate();
  page.deliver(request("callClientId", "new", "start-custom-track", "1"));
  page.deliver(request("callClientId", "new", "get-network-topology", "2"));
  page.deliver(request("callClientId", "new", "get-input-devices", "3"));
  page.deliver(request("callClientId", "new", "no-such-thing", "4"));
  await vi.waitFor(() => expect(page.posted).toHaveLength(5));
  expect(page.posted.slice(1)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ callbackStamp: "1", action: "start-custom-track", error: expect.any(String) }),
      expect.objectContaining({ callbackStamp: "4", action: "no-such-thing", error: expect.stringContaining("no-such-thing") }),
      expect.objectContaining({ callbackStamp: "2", topology: "sfu" }),
      expect.objectContaining({ callbackStamp: "3", returnPreloadCache: true }),
    ]),
  );
  expect(page.posted[1]).not.toHaveProperty("callFrameId");
});

test("leaving is answered even when nobody joined", () => {
  const page = new FakePage({ _daily: { pendings: ["new"], instances: { new: { tracks: {} } } } });
  evaluate();
  page.deliver(request("callClientId", "new", "leave-meeting"));
  page.deliver(request("callClientId", "new", "leave-meeting"));
  expect(page.actions()).toEqual(["loaded", "left-meeting", "left-meeting"]);
});

test("who leaves while joining is told so, since nothing else will come", async () => {
  const page = new FakePage({ _daily: { pendings: ["new"], instances: { new: { tracks: {} } } } });
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  evaluate();
  page.deliver({ ...request("callClientId", "new", "join-meeting", "1"), properties: { url: "http://parlor.test/den" } });
  page.deliver(request("callClientId", "new", "leave-meeting"));
  await vi.waitFor(() => expect(page.posted.at(-1)).toMatchObject({ action: "join-meeting", callbackStamp: "1", error: expect.any(String) }));
  expect(page.actions().filter((action) => action === "left-meeting")).toHaveLength(1);
});

test("a join that is refused is an error event and no reply", async () => {
  const page = new FakePage({ _daily: { pendings: ["new"], instances: { new: { tracks: {} } } } });
  const refusal = { error: "not-found", info: "There is no such room.", reason: "no-room" };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(refusal), { status: 404 })));
  evaluate();
  page.deliver({ ...request("callClientId", "new", "join-meeting", "1"), properties: { url: "http://parlor.test/den" } });
  await vi.waitFor(() => expect(page.actions().slice(-2)).toEqual(["error", "left-meeting"]));
  page.deliver(request("callClientId", "new", "get-network-topology", "2"));
  await vi.waitFor(() => expect(page.posted.at(-1)).toHaveProperty("callbackStamp", "2"));
  expect(page.posted.filter((message) => message["callbackStamp"] === "1")).toEqual([]);
});

test("messages of other windows and for other clients are not heard", () => {
  const page = new FakePage({ _daily: { pendings: ["new"], instances: { new: { tracks: {} } } } });
  evaluate();
  page.deliver(request("callClientId", "new", "leave-meeting"), {});
  page.deliver(request("callClientId", "other", "leave-meeting"));
  expect(page.actions()).toEqual(["loaded"]);
});

test("once its client is destroyed, a machine listens no more", () => {
  const instances: Record<string, Instance> = { new: { tracks: {} } };
  const page = new FakePage({ _daily: { pendings: ["new"], instances } });
  evaluate();
  delete instances["new"];
  page.deliver({});
  expect(page.listenerCount).toBe(0);
});

test("a room address that is none is an error, not silence", async () => {
  const page = new FakePage({ _daily: { pendings: ["new"], instances: { new: { tracks: {} } } } });
  evaluate();
  page.deliver({ ...request("callClientId", "new", "join-meeting"), properties: { url: "/relative" } });
  await vi.waitFor(() => expect(page.actions()).toContain("left-meeting"));
  expect(page.actions().slice(0, 3)).toEqual(["loaded", "call-machine-initialized", "daily-main-executed"]);
  expect(page.posted.find((message) => message["action"] === "error")).toHaveProperty("error.type");
});
