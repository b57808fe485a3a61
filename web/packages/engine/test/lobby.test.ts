import { expect, test } from "vitest";

import { INTENT, joinAnswer, Rig, view, welcome } from "./rig.ts";

const WAITING = { type: "waiting", participant: view("me"), resume_secret: "lobby-1", now: 1, is_host_present: false } as const;

/** Somebody in the lobby whose devices run. */
function lobbyRig(): Rig {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  const answer = joinAnswer();
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: { ...answer, effective: { ...answer.effective, access: "lobby" } } });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear(WAITING);
  rig.capture();
  return rig;
}

test("one waits in the lobby with one's devices on, and without a connection for media", () => {
  const rig = lobbyRig();
  expect(rig.call).toMatchObject({ phase: "waiting", access: "lobby", lobby: { isHostPresent: false, askedAt: null } });
  expect(rig.call.local.tracks["cam-video"].state).toBe("playable");
  expect(rig.effects.some((effect) => effect.type === "create-peer")).toBe(false);
  expect(rig.sent("publish")).toEqual([]);
});

test("waiting is not cut short by the time that joining may take", () => {
  const rig = lobbyRig();
  rig.on({ type: "timer-fired", timer: "join" });
  expect(rig.call.phase).toBe("waiting");
});

test("who knocks and is let in is in the call, with media", () => {
  const rig = lobbyRig();
  rig.on({ type: "request-access", name: "Ana", now: 5 });
  expect(rig.sent("request_access")).toEqual([{ type: "request_access", name: "Ana" }]);
  expect(rig.call.lobby?.askedAt).toBe(5);
  rig.hear({ type: "host_presence", is_present: true });
  expect(rig.call.lobby?.isHostPresent).toBe(true);
  rig.hear(welcome({ resume_secret: "secret-2" }));
  expect(rig.call).toMatchObject({ phase: "joined", access: "full", lobby: null });
  expect(rig.emitted("knock-answered")).toEqual([{ type: "knock-answered", granted: true }]);
  expect(rig.effects.some((effect) => effect.type === "create-peer")).toBe(true);
  expect(rig.sent("publish")).toHaveLength(2);
});

test("who knocks and is turned away has failed to join", () => {
  const rig = lobbyRig();
  rig.on({ type: "request-access", name: "Ana", now: 5 });
  rig.hear({ type: "refused", reason: "not-allowed", info: "Join request rejected" });
  expect(rig.call).toMatchObject({ phase: "failed", access: "none", lobby: null, error: { reason: "not-allowed", info: "Join request rejected", during: "join" } });
  expect(rig.emitted("knock-answered")).toEqual([{ type: "knock-answered", granted: false }]);
});

test("a lost lobby is resumed, and a room that forgot hears the knock again", () => {
  const rig = lobbyRig();
  rig.on({ type: "request-access", name: "Ana", now: 5 });
  rig.on({ type: "socket-closed", socket: rig.last("open-socket").socket });
  rig.on({ type: "timer-fired", timer: "retry" });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  expect(rig.sent("resume")).toEqual([{ type: "resume", participant: "me", secret: "lobby-1" }]);
  rig.hear({ type: "refused", reason: "not-allowed", info: "Unknown." });
  expect(rig.last("request-join").body).toMatchObject({ pass: "pass-1" });
  const answer = joinAnswer();
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: { ...answer, effective: { ...answer.effective, access: "lobby" } } });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear(WAITING);
  expect(rig.call.phase).toBe("waiting");
  expect(rig.sent("request_access")).toHaveLength(2);
});

test("one is let in while the socket was lost", () => {
  const rig = lobbyRig();
  rig.on({ type: "socket-closed", socket: rig.last("open-socket").socket });
  rig.on({ type: "timer-fired", timer: "retry" });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear(welcome({ is_resumed: true }));
  expect(rig.call.phase).toBe("joined");
  expect(rig.effects.some((effect) => effect.type === "create-peer")).toBe(true);
});

test("those who may open see who waits, and answer", () => {
  const rig = new Rig();
  rig.join({ waiting: [{ id: "w1", name: "Bo", since: 1 }] });
  rig.hear({ type: "waiting_added", waiting: { id: "w2", name: "Cy", since: 2 } });
  rig.hear({ type: "waiting_updated", waiting: { id: "w2", name: "Cyd", since: 2 } });
  expect([...rig.call.waiting.values()].map(({ name }) => name)).toEqual(["Bo", "Cyd"]);
  rig.on({ type: "answer-knocks", everybody: null, participants: { w1: true } });
  rig.on({ type: "answer-knocks", everybody: false, participants: {} });
  expect(rig.sent("answer_knocks")).toEqual([
    { type: "answer_knocks", participants: { w1: true } },
    { type: "answer_knocks", everybody: false, participants: {} },
  ]);
  rig.hear({ type: "waiting_removed", id: "w1" });
  expect([...rig.call.waiting.keys()]).toEqual(["w2"]);
});

test("a knock that the room did not take may be made again", () => {
  const rig = lobbyRig();
  rig.on({ type: "request-access", name: "Ana", now: 5 });
  rig.hear({ type: "rejected", message: "request_access", info: "too many messages: slow down" });
  expect(rig.call).toMatchObject({ phase: "waiting", lobby: { askedAt: null } });
  expect(rig.emitted("knock-answered")).toEqual([{ type: "knock-answered", granted: false }]);
  rig.on({ type: "request-access", name: "Ana", now: 6 });
  expect(rig.sent("request_access")).toHaveLength(2);
});
