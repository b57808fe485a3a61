import { expect, test, vi } from "vitest";

import type { CallEvent } from "@parlor/browser";

import { checkActions } from "../src/actions/checks.ts";
import { participantActions } from "../src/actions/participants.ts";
import { recordingActions } from "../src/actions/recording.ts";
import { waitingActions } from "../src/actions/waiting.ts";
import type { Machine } from "../src/machine.ts";
import type { Fields } from "../src/message.ts";
import { Rig, view } from "../../engine/test/rig.ts";

const BO = "11111111-1111-4111-8111-111111111111";
const CY = "22222222-2222-4222-8222-222222222222";

/** A machine whose call writes down what is asked of it. */
function scripted(over: Record<string, unknown> = {}, join: Parameters<Rig["join"]>[0] = { participants: [view(BO), view(CY)] }) {
  const rig = new Rig();
  rig.join(join);
  const asked: [string, ...unknown[]][] = [];
  const call = new Proxy(over, {
    get: (_target, name: string) => (name === "state" ? rig.call : (over[name] ?? ((...args: unknown[]) => asked.push([name, ...args])))),
  });
  const sent: [string, Fields | undefined][] = [];
  const machine = { call, url: "http://parlor.test/den", channel: { send: (action: string, fields?: Fields) => sent.push([action, fields]) }, urlOfClient: () => undefined, shelves: () => [], recorder: { isRunning: false } };
  return { machine: machine as unknown as Machine, asked, sent, me: rig.call.local.id };
}

const silent = (): void => undefined;

test("what is asked of several is asked in one go, and who is named is spared what holds for all", () => {
  const { machine, asked, me } = scripted();
  const participants = { "*": { setAudio: false }, [BO]: {}, [me]: { setVideo: true }, nobody: { eject: true } };
  participantActions["update-participants"]?.(machine, { participants }, silent);
  expect(asked).toEqual([["setLocalVideo", true], ["updateParticipants", { "*": { audio: false }, [BO]: {} }]]);
});

test("subscriptions stay here, the rest goes to the room", () => {
  const { machine, asked } = scripted();
  participantActions["update-participants"]?.(machine, { participants: { "*": { setSubscribedTracks: "staged" }, [BO]: { setSubscribedTracks: true, eject: true } } }, silent);
  expect(asked).toEqual([
    ["subscribeTo", CY, "staged"],
    ["subscribeTo", BO, true],
    ["updateParticipants", { "*": {}, [BO]: { eject: true } }],
  ]);
});

test("one's own permissions are the room's to change, one's devices are not", () => {
  const { machine, asked, me } = scripted();
  participantActions["update-participant"]?.(machine, { id: "local", properties: { setAudio: false, setScreenShare: false, updatePermissions: { canSend: new Set(["audio"]) } } }, silent);
  expect(asked).toEqual([["setLocalAudio", false], ["stopScreenShare"], ["updateParticipants", { [me]: { permissions: { canSend: ["audio"] } } }]]);
});

const ADMIN = { permissions: { hasPresence: true, canSend: true, canReceive: { base: true }, canAdmin: ["participants" as const] } };

test("only admins open the door, and only to those who are there", () => {
  const waiting = [{ id: CY, name: "Cy", since: 1 }];
  const guest = scripted({}, { waiting });
  const grant = { updatesById: { "*": { grantRequestedAccess: true } } };
  expect(waitingActions["daily-method-update-waiting-participants"]?.(guest.machine, grant, silent)).toHaveProperty("error");
  const { machine, asked } = scripted({}, { waiting, participant: view("me", {}, ADMIN) });
  expect(waitingActions["daily-method-update-waiting-participant"]?.(machine, { id: BO, updates: {} }, silent)).toHaveProperty("error");
  expect(waitingActions["daily-method-update-waiting-participants"]?.(machine, grant, silent)).toEqual({ ids: [CY] });
  expect(asked).toEqual([["answerKnock", CY, true]]);
});

test("who asks for what one has is answered at once; outside there is no door", () => {
  const { machine } = scripted();
  expect(waitingActions["daily-method-request-access"]?.(machine, {}, silent)).toEqual({ access: { level: "full" }, granted: true });
  const outside = { call: { state: new Rig().call } } as unknown as Machine;
  expect(waitingActions["daily-method-request-access"]?.(outside, {}, silent)).toHaveProperty("error");
});

test("the answer to a knock goes out with the event that tells of it, and once", async () => {
  const listeners = new Set<(event: CallEvent) => void>();
  const onEvent = (listener: (event: CallEvent) => void) => (listeners.add(listener), () => listeners.delete(listener));
  const call = { state: { ...new Rig().call, phase: "waiting", access: "lobby" }, onEvent, requestAccess: async () => true };
  const replies: Fields[] = [];
  const outcome = waitingActions["daily-method-request-access"]?.({ call } as unknown as Machine, { name: "Ana" }, (fields) => replies.push(fields));
  expect(outcome).toBeNull();
  for (const listener of listeners) listener({ type: "knock-answered", granted: true });
  expect(replies).toEqual([{ access: { level: "full" }, granted: true }]);
  await Promise.resolve();
  expect(replies).toHaveLength(1);
  expect(listeners.size).toBe(0);
});

test("what the server says of a recording is an event to who asked", async () => {
  const act = vi.fn(async (_operation: string, _body: unknown): Promise<object> => ({ ok: false, error: "not-implemented", info: "Recording comes later." }));
  const refused = scripted({ act });
  await recordingActions["local-recording-start"]?.(refused.machine, { type: "cloud", width: 640, instanceId: "i", callClientId: "c", what: "w", from: "module" }, silent);
  expect(act).toHaveBeenCalledWith("start-recording", { type: "cloud", width: 640, instanceId: "i" });
  expect(refused.sent).toEqual([["recording-error", { instanceId: "i", errorMsg: "Recording comes later." }]]);
  const { machine, sent, me } = scripted({ act: async () => ({ ok: true, body: { recordingId: "r" } }) });
  await recordingActions["local-recording-start"]?.(machine, { type: "cloud" }, silent);
  await recordingActions["daily-method-stop-transcription"]?.(machine, { instanceId: "t" }, silent);
  await recordingActions["daily-method-update-recording"]?.(machine, {}, silent);
  expect(sent).toEqual([
    ["recording-started", { type: "cloud", startedBy: me, recordingId: "r" }],
    ["transcription-stopped", { instanceId: "t", updatedBy: me, recordingId: "r" }],
  ]);
});

const NO_DATA = { maxRoundTripSecs: null, averageRoundTripSecs: null, averageSendLoss: null, averageAvailableSendBps: null, averageSendBps: null };

test("a failed test has an error whose details the client can parse", async () => {
  const { machine, sent } = scripted({ checkCallQuality: async () => ({ result: "failed", data: NO_DATA, secondsElapsed: 3, info: "No way." }) });
  const outcome = (await checkActions["test-call-quality"]?.(machine, {}, silent)) as { results: { error: { type: string; details: string } } };
  expect(outcome.results).toMatchObject({ result: "failed", errorMsg: "No way.", secondsElapsed: 3, error: { type: "connection-error" } });
  expect(JSON.parse(outcome.results.error.details)).toMatchObject({ on: "join" });
  expect(sent).toMatchObject([["test-completed", { test: "call-quality" }]]);
});

test("the regions of a socket test follow its result", async () => {
  const { machine } = scripted({ checkWebsocket: async () => "aborted" });
  expect(await checkActions["test-websocket-connectivity"]?.(machine, {}, silent)).toEqual({
    results: { result: "aborted", abortedRegions: ["local"], failedRegions: [], passedRegions: [] },
  });
});

test("without a room there is nothing to test against", async () => {
  const { machine } = scripted();
  machine.url = undefined;
  expect(await checkActions["test-p2p-call-quality"]?.(machine, {}, silent)).toHaveProperty("error");
  // The client reads the results of this one without looking for an error.
  expect(await checkActions["test-call-quality"]?.(machine, {}, silent)).toMatchObject({ results: { result: "failed" } });
});
