/** Tests of the connection before a call. */
import type { CheckKind, CheckOptions, QualityCheckOutcome } from "@parlor/browser";

import type { Action, Actions } from "../actions.ts";
import { testTrackOn } from "../app-tracks.ts";
import type { Machine } from "../machine.ts";
import type { Fields } from "../message.ts";

/** There is one place that this server answers from. */
const REGION = "local";

export const checkActions: Actions = {
  "test-websocket-connectivity": check("websocket-connectivity", async ({ call }, room) => {
    const result = await call.checkWebsocket(room);
    const regionsIf = (...outcomes: string[]): string[] => (outcomes.includes(result) ? [REGION] : []);
    return { result, abortedRegions: regionsIf("aborted"), failedRegions: regionsIf("failed"), passedRegions: regionsIf("passed", "warning") };
  }),

  "test-network-connectivity": check("network-connectivity", async ({ call }, room) => {
    const result = await call.checkNetwork(room);
    // A slow way is a way; the client knows no third answer.
    return { result: result === "warning" ? "passed" : result };
  }),

  "test-call-quality": async (machine, fields, reply) => {
    const outcome = await testCallQuality(machine, fields, reply).catch((cause: unknown) => ({ error: String(cause) }));
    // The client looks for results only, even if there are none.
    return outcome && "error" in outcome ? { results: failedFields(String(outcome["error"]), 0) } : outcome;
  },
  "test-p2p-call-quality": checkWithTrack("p2p-call-quality"),
  "test-connection-quality": checkWithTrack("p2p-call-quality"),

  "abort-test-websocket-connectivity": abort("websocket"),
  "abort-test-network-connectivity": abort("network"),
  "stop-test-call-quality": abort("quality"),
  "stop-test-p2p-call-quality": abort("quality"),
  "stop-test-connection-quality": abort("quality"),
};

const measureCallQuality = check("call-quality", async ({ call }, room) => qualityFields(await call.checkCallQuality(room)));

async function testCallQuality(...request: Parameters<Action>): Promise<Fields | null> {
  return (await measureCallQuality(...request)) ?? null;
}

/** The reply, and the event that newer clients pass on. */
function check(test: string, run: (machine: Machine, room: CheckOptions, fields: Fields) => Promise<Fields>): Action {
  return async (machine, fields) => {
    const url = machine.url ?? machine.urlOfClient();
    if (url === undefined) return { error: "This test needs a room: give the call object its url, or call preAuth() or startCamera() with it first." };
    const results = await run(machine, { url, ...(machine.token === undefined ? {} : { token: machine.token }) }, fields);
    machine.channel.send("test-completed", { test, results });
    return { results };
  };
}

/** Between two people there is the server here too, so it is the same test with a picture of the application's. */
function checkWithTrack(test: string): Action {
  return check(test, async (machine, room, { duration }) => {
    const track = testTrackOn(machine.shelves(), "ConnectionQuality");
    const durationSecs = typeof duration === "number" && duration > 0 ? { durationSecs: duration } : {};
    return qualityFields(await machine.call.checkCallQuality({ ...room, ...durationSecs, ...(track ? { tracks: [track] } : {}) }));
  });
}

function abort(kind: CheckKind): Action {
  return ({ call }) => call.abortChecks(kind);
}

function qualityFields({ result, data, secondsElapsed, info }: QualityCheckOutcome): Fields {
  if (result === "aborted") return { result, secondsElapsed };
  if (result === "failed") return failedFields(info ?? "The test could not be carried out.", secondsElapsed);
  return {
    result,
    secondsElapsed,
    data: {
      maxRoundTripTime: data.maxRoundTripSecs,
      avgRoundTripTime: data.averageRoundTripSecs,
      avgSendPacketLoss: data.averageSendLoss,
      // What comes back is what was sent.
      avgRecvPacketLoss: data.averageSendLoss,
      avgAvailableOutgoingBitrate: data.averageAvailableSendBps,
      avgSendBitsPerSecond: data.averageSendBps,
      avgRecvBitsPerSecond: data.averageSendBps,
      // Names before 0.59.
      maxRTT: data.maxRoundTripSecs,
      packetLoss: data.averageSendLoss,
    },
  };
}

function failedFields(errorMsg: string, secondsElapsed: number): Fields {
  // The client parses the details of a failure without looking.
  const details = JSON.stringify({ on: "join", sourceError: { msg: errorMsg } });
  return { result: "failed", secondsElapsed, errorMsg, error: { type: "connection-error", msg: errorMsg, details } };
}
