import { expect, test } from "vitest";

import { Rig, view } from "./rig.ts";

const SENDING = { "cam-audio": "sending", "cam-video": "sending" } as const;

/** In the call, with cameras on as the room knows. */
function joinedRig(): Rig {
  const rig = new Rig();
  rig.join();
  rig.hear({ type: "participant_updated", participant: view("me", SENDING) });
  return rig;
}

function reject(rig: Rig, message: string): void {
  rig.hear({ type: "rejected", message, info: "too many messages: slow down" });
}

/** A change that needs an offer, and the offer. */
function wantSlots(rig: Rig, count: number): void {
  rig.hear({ type: "slots_wanted", audio: count, video: count });
  rig.offer();
}

function pauses(rig: Rig, timer: string): number[] {
  return rig.effects.flatMap((effect) => (effect.type === "start-timer" && effect.timer === timer ? [effect.ms] : []));
}

test("a rejected mute is told again after a pause", () => {
  const rig = joinedRig();
  rig.on({ type: "set-wanted", source: "cam-audio", wanted: false, by: "user" });
  const told = rig.sent("publish").length;
  reject(rig, "publish");
  expect(rig.sent("publish")).toHaveLength(told);
  expect(pauses(rig, "publish")).toEqual([1_000]);
  rig.on({ type: "timer-fired", timer: "publish" });
  expect(rig.sent("publish")).toHaveLength(told + 1);
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: "cam-audio", state: "off" });
});

test("what the room knows by then is not told again", () => {
  const rig = joinedRig();
  rig.on({ type: "set-wanted", source: "cam-audio", wanted: false, by: "user" });
  reject(rig, "publish");
  rig.on({ type: "set-wanted", source: "cam-audio", wanted: true, by: "user" });
  const told = rig.sent("publish").length;
  rig.on({ type: "timer-fired", timer: "publish" });
  expect(rig.sent("publish")).toHaveLength(told);
});

test("a rejected offer is made anew after a pause, and not before", () => {
  const rig = joinedRig();
  wantSlots(rig, 3);
  const offers = rig.sent("offer").length;
  reject(rig, "offer");
  rig.hear({ type: "slots_wanted", audio: 4, video: 4 });
  expect(rig.on({ type: "timer-fired", timer: "offer" })).toContainEqual(expect.objectContaining({ type: "create-offer", restartIce: false }));
  rig.offer();
  expect(rig.sent("offer")).toHaveLength(offers + 1);
  rig.hear({ type: "answer", sdp: "answer" });
  expect(rig.last("apply-answer").sdp).toBe("answer");
  expect(rig.engine.peer).toMatchObject({ negotiation: "idle", next: "none", rejections: 0 });
});

test("offers that are rejected again and again stop, and a call that works goes on", () => {
  const rig = joinedRig();
  wantSlots(rig, 3);
  for (let count = 0; count < 4; count += 1) {
    reject(rig, "offer");
    rig.on({ type: "timer-fired", timer: "offer" });
    rig.offer();
  }
  reject(rig, "offer");
  expect(pauses(rig, "offer")).toEqual([500, 1_000, 2_000, 4_000]);
  expect(rig.call.phase).toBe("joined");
  const offers = rig.sent("offer").length;
  wantSlots(rig, 4);
  expect(rig.sent("offer")).toHaveLength(offers + 1);
});

test("a call whose media is lost fails when its offers are rejected", () => {
  const rig = joinedRig();
  rig.on({ type: "peer-state", peer: rig.last("create-peer").peer, state: "disconnected" });
  wantSlots(rig, 3);
  for (let count = 0; count < 4; count += 1) {
    reject(rig, "offer");
    expect(rig.on({ type: "timer-fired", timer: "offer" })).toContainEqual(expect.objectContaining({ type: "create-offer", restartIce: true }));
    rig.offer();
  }
  reject(rig, "offer");
  expect(rig.call).toMatchObject({ phase: "failed", error: { reason: "connection-error", during: "rtc-connection" } });
});

test("leaving ends the pauses", () => {
  const rig = joinedRig();
  wantSlots(rig, 3);
  reject(rig, "offer");
  reject(rig, "publish");
  const effects = rig.on({ type: "leave" });
  for (const timer of ["offer", "publish"]) expect(effects).toContainEqual({ type: "stop-timer", timer });
});
