import { expect, test } from "vitest";

import { INTENT, joinAnswer, Rig, welcome } from "./rig.ts";

test("joining asks the server, then greets the room and offers on one socket", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: { ...INTENT, token: "t0", userName: "Ana", userData: { team: 1 } } });
  expect(rig.call.phase).toBe("joining");
  expect(rig.last("request-join")).toMatchObject({ server: "http://parlor.test", body: { room: "den", token: "t0", user_name: "Ana" } });

  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer() });
  rig.offer();
  expect(rig.effects.some((effect) => effect.type === "send")).toBe(false);

  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  const sent = rig.effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
  expect(sent).toMatchObject([
    { type: "hello", ticket: "ticket-1", user_data: { team: 1 } },
    { type: "offer", sdp: "offer", slots: ["2", "3"] },
  ]);
});

test("joined means welcomed and devices settled", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer() });
  rig.offer();
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear(welcome());
  expect(rig.call.phase).toBe("joining");
  rig.capture();
  expect(rig.call.phase).toBe("joined");
  expect(rig.call.local).toMatchObject({ id: "me", joinedAt: 1000 });
  expect(rig.call.local.tracks["cam-video"]).toMatchObject({ state: "playable" });
});

test("tracks are published once joined, each once", () => {
  const rig = new Rig();
  rig.join();
  expect(rig.sent("publish")).toEqual([
    { type: "publish", source: "cam-audio", state: "sending" },
    { type: "publish", source: "cam-video", state: "sending" },
  ]);
});

test.each([
  ["by the joiner", { startVideoOff: true, startAudioOff: true }, {}],
  ["by room or token", {}, { start_video_off: true, start_audio_off: true }],
])("devices stay off when started off %s", (_name, intent, properties) => {
  const rig = new Rig();
  rig.on({ type: "join", intent: { ...INTENT, ...intent } });
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer(properties) });
  expect(rig.effects.some((effect) => effect.type === "capture")).toBe(false);
  expect(rig.call.local.tracks["cam-audio"]).toMatchObject({ state: "off", off: "user" });
});

test("the joiner's own start state wins over the room's", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: { ...INTENT, startVideoOff: false } });
  const answer = joinAnswer({ start_video_off: true, start_audio_off: true });
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer });
  expect(rig.last("capture").sources).toEqual(["cam-video"]);
});

test("what was switched in the preview stays as it is", () => {
  const rig = new Rig();
  rig.on({ type: "start-camera" });
  rig.capture();
  rig.on({ type: "set-wanted", source: "cam-video", wanted: false, by: "user" });
  rig.join();
  expect(rig.call.local.tracks["cam-video"].state).toBe("off");
  expect(rig.call.local.tracks["cam-audio"].state).toBe("playable");
});

test("a refusal ends the join with its reason", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  const { request } = rig.last("request-join");
  rig.on({ type: "join-refused", request, error: { reason: "nbf-room", info: "Not yet.", opensAt: 99 } });
  expect(rig.call).toMatchObject({ phase: "failed", error: { reason: "nbf-room", info: "Not yet.", opensAt: 99, during: "join" } });
});

test("a refusal on the socket ends the join too", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer() });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear({ type: "refused", reason: "meeting-full", info: "Full." });
  expect(rig.call.error).toMatchObject({ reason: "meeting-full", during: "join" });
  expect(rig.effects.some((effect) => effect.type === "close-peer")).toBe(true);
});

test("an unreachable server is a connection error of the look-up", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  rig.on({ type: "join-failed", request: rig.last("request-join").request, info: "refused" });
  expect(rig.call.error).toMatchObject({ reason: "connection-error", during: "room-lookup" });
});

test("joining that takes too long fails", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  expect(rig.effects).toContainEqual({ type: "start-timer", timer: "join", ms: 20_000 });
  rig.on({ type: "timer-fired", timer: "join" });
  expect(rig.call.error).toMatchObject({ reason: "connection-error", during: "join" });
});

test("time at the device prompt does not count", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer() });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear(welcome());
  rig.on({ type: "timer-fired", timer: "join" });
  expect(rig.call.phase).toBe("joining");
});

test("pre-auth learns about the room and leaves it at that", () => {
  const rig = new Rig();
  rig.on({ type: "pre-auth", intent: INTENT });
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: joinAnswer({ lang: "de" }) });
  expect(rig.call).toMatchObject({ phase: "idle", room: { name: "den" }, effective: { properties: { lang: "de" } } });
  expect(rig.effects.map((effect) => effect.type)).toEqual(["request-join"]);
});

test("leaving says goodbye and lets everything go", () => {
  const rig = new Rig();
  rig.join();
  const effects = rig.on({ type: "leave" });
  expect(effects).toContainEqual(expect.objectContaining({ type: "send", message: { type: "leave" } }));
  expect(effects.map((effect) => effect.type)).toEqual(expect.arrayContaining(["close-socket", "close-peer", "release"]));
  expect(rig.call).toMatchObject({ phase: "left", local: { id: "" }, meeting: null });
});

test("after leaving one may join again", () => {
  const rig = new Rig();
  rig.join();
  rig.on({ type: "leave" });
  rig.effects = [];
  rig.join();
  expect(rig.call.phase).toBe("joined");
});

test("an answer that comes after leaving changes nothing", () => {
  const rig = new Rig();
  rig.on({ type: "join", intent: INTENT });
  const { request } = rig.last("request-join");
  rig.on({ type: "leave" });
  expect(rig.on({ type: "join-answered", request, answer: joinAnswer() })).toEqual([]);
  expect(rig.call.phase).toBe("left");
});

test.each([
  ["time_limit", "removed"],
  ["room_ended", "removed"],
  ["replaced", "removed"],
  ["protocol_error", "removed"],
] as const)("removal because of %s ends the call", (removal, reason) => {
  const rig = new Rig();
  rig.join();
  rig.hear({ type: "removed", reason: removal });
  expect(rig.call).toMatchObject({ phase: "failed", error: { reason, removal, during: "call" } });
});
