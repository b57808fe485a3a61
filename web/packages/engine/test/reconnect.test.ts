import { expect, test } from "vitest";

import { joinAnswer, Rig, view, welcome } from "./rig.ts";

function joinedRig(): Rig {
  const rig = new Rig();
  rig.join({ participants: [view("bo")] });
  return rig;
}

function lose(rig: Rig): void {
  rig.on({ type: "socket-closed", socket: rig.last("open-socket").socket });
}

function reopen(rig: Rig): void {
  rig.on({ type: "timer-fired", timer: "retry" });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
}

test("a lost socket is resumed with the secret, and the call goes on", () => {
  const rig = joinedRig();
  lose(rig);
  expect(rig.call.network.signalling).toBe("interrupted");
  expect(rig.call.phase).toBe("joined");
  reopen(rig);
  expect(rig.sent("resume")).toEqual([{ type: "resume", participant: "me", secret: "secret-1" }]);
  rig.hear(welcome({ is_resumed: true, participants: [view("bo")], participant: view("me", { "cam-audio": "sending", "cam-video": "sending" }) }));
  expect(rig.call.network.signalling).toBe("connected");
  expect(rig.sent("publish")).toHaveLength(2);
});

test("what was said meanwhile is said on the new socket", () => {
  const rig = joinedRig();
  lose(rig);
  rig.on({ type: "send-app-message", to: "*", data: "hi" });
  rig.on({ type: "set-wanted", source: "cam-audio", wanted: false, by: "user" });
  reopen(rig);
  rig.hear(welcome({ is_resumed: true, participant: view("me", { "cam-audio": "sending", "cam-video": "sending" }) }));
  expect(rig.sent("app_message")).toEqual([{ type: "app_message", to: "*", data: "hi" }]);
  expect(rig.sent("publish").at(-1)).toEqual({ type: "publish", source: "cam-audio", state: "off" });
});

test("tries follow at growing intervals", () => {
  const rig = joinedRig();
  const pauses: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    lose(rig);
    const timer = rig.effects.findLast((effect) => effect.type === "start-timer" && effect.timer === "retry");
    if (timer?.type === "start-timer") pauses.push(timer.ms);
    rig.on({ type: "timer-fired", timer: "retry" });
  }
  expect(pauses).toEqual([0, 300, 700, 1_000, 1_000, 1_000]);
});

test("a network that comes back is tried at once", () => {
  const rig = joinedRig();
  lose(rig);
  const before = rig.last("open-socket").socket;
  rig.on({ type: "network-changed" });
  expect(rig.last("open-socket").socket).not.toBe(before);
});

test("a stay that is gone is followed by a silent rejoin", () => {
  const rig = joinedRig();
  lose(rig);
  reopen(rig);
  rig.hear({ type: "refused", reason: "connection-error", info: "Too late." });
  expect(rig.call.phase).toBe("joined");
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer() });
  rig.offer();
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear(welcome({ participant: view("me-again"), participants: [view("cy")] }));
  expect(rig.call).toMatchObject({ phase: "joined", local: { id: "me-again" }, network: { signalling: "connected" } });
  expect([...rig.call.participants.keys()]).toEqual(["cy"]);
  expect(rig.effects.filter((effect) => effect.type === "capture")).toHaveLength(1);
  expect(rig.effects.filter((effect) => effect.type === "attach" && effect.trackId !== null)).toHaveLength(4);
});

test("a rejoin that is refused is an error", () => {
  const rig = joinedRig();
  lose(rig);
  reopen(rig);
  rig.hear({ type: "refused", reason: "connection-error", info: "Too late." });
  rig.on({ type: "join-refused", request: rig.last("request-join").request, error: { reason: "exp-room", info: "Closed." } });
  expect(rig.call).toMatchObject({ phase: "failed", error: { reason: "exp-room", during: "reconnect" } });
});

test("a call that does not come back in time is an error", () => {
  const rig = joinedRig();
  lose(rig);
  rig.on({ type: "timer-fired", timer: "reconnect" });
  expect(rig.call).toMatchObject({ phase: "failed", error: { reason: "connection-error", during: "reconnect" } });
});

test("two pings without an answer mean a dead socket", () => {
  const rig = joinedRig();
  rig.on({ type: "timer-fired", timer: "ping" });
  rig.on({ type: "timer-fired", timer: "ping" });
  expect(rig.call.network.signalling).toBe("connected");
  rig.on({ type: "timer-fired", timer: "ping" });
  expect(rig.call.network.signalling).toBe("interrupted");
});

test("a room that answers stays connected", () => {
  const rig = joinedRig();
  for (let count = 0; count < 5; count += 1) {
    rig.on({ type: "timer-fired", timer: "ping" });
    rig.hear({ type: "pong" });
  }
  expect(rig.sent("ping")).toHaveLength(5);
  expect(rig.call.network.signalling).toBe("connected");
});

test("messages of an old socket are not heard", () => {
  const rig = joinedRig();
  const old = rig.last("open-socket").socket;
  lose(rig);
  reopen(rig);
  rig.on({ type: "socket-message", socket: old, message: { type: "participant_joined", participant: view("ghost") } });
  expect(rig.call.participants.has("ghost")).toBe(false);
});

test("an offer that was under way is made again after a resume", () => {
  const rig = joinedRig();
  rig.hear({ type: "slots_wanted", audio: 3, video: 3 });
  rig.offer();
  lose(rig);
  reopen(rig);
  const effects = rig.hear(welcome({ is_resumed: true }));
  expect(effects).toContainEqual(expect.objectContaining({ type: "create-offer", restartIce: false }));
});
