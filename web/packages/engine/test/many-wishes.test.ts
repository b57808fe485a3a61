/** Wishes for many, and wishes that the room does not take. */
import type { ClientMessage } from "@parlor/protocol";
import { expect, test } from "vitest";

import { Rig, view } from "./rig.ts";

type SetSubscriptions = Extract<ClientMessage, { type: "set_subscriptions" }>;

const NONE = { tracks: {}, others: "none" };
const SMALL = { max_layer: 0, is_paused: false, priority: "normal" } as const;

function rigWithMany(count: number, before: (rig: Rig, ids: string[]) => void = () => undefined): { rig: Rig; ids: string[] } {
  const ids = Array.from({ length: count }, (_, index) => `p${index}`);
  const rig = new Rig();
  before(rig, ids);
  rig.join({ participants: ids.map((id) => view(id)) });
  return { rig, ids };
}

function unsubscribe(rig: Rig, ids: readonly string[]): void {
  for (const participant of ids) rig.on({ type: "subscribe-to", participant, subscription: false });
}

function gathered(rig: Rig): void {
  rig.on({ type: "timer-fired", timer: "wishes" });
}

function reject(rig: Rig, message: string): void {
  rig.hear({ type: "rejected", message, info: "too many messages: slow down" });
}

function told(rig: Rig): SetSubscriptions[] {
  return rig.sent("set_subscriptions") as SetSubscriptions[];
}

function named(rig: Rig): string[] {
  return told(rig).flatMap(({ participants }) => Object.keys(participants));
}

function pauses(rig: Rig): number[] {
  return rig.effects.flatMap((effect) => (effect.type === "start-timer" && effect.timer === "wishes" ? [effect.ms] : []));
}

test("a hundred subscriptions at once are two messages", () => {
  const { rig, ids } = rigWithMany(100);
  unsubscribe(rig, ids);
  gathered(rig);
  expect(told(rig)).toHaveLength(2);
  expect(named(rig)).toEqual(ids);
});

test("subscriptions for very many come in parts that the room takes, and only for as many as it takes", () => {
  const { rig } = rigWithMany(1_100, unsubscribe);
  expect(Math.max(...told(rig).map(({ participants }) => Object.keys(participants).length))).toBe(250);
  expect(new Set(named(rig)).size).toBe(1_000);
  rig.hear({ type: "participant_left", id: "p0", reason: "left" });
  gathered(rig);
  expect(named(rig).at(-1)).toBe("p1000");
});

test("rejected subscriptions are told again as a whole after a pause, and not before", () => {
  const { rig } = rigWithMany(3);
  unsubscribe(rig, ["p0", "p1"]);
  gathered(rig);
  rig.on({ type: "subscribe-to", participant: "p0", subscription: null });
  gathered(rig);
  reject(rig, "set_subscriptions");
  const before = told(rig).length;
  unsubscribe(rig, ["p2"]);
  expect(told(rig)).toHaveLength(before);
  gathered(rig);
  expect(told(rig).slice(before)).toEqual([
    { type: "set_subscriptions", base: { tracks: {}, others: "full" }, participants: { p0: null, p1: NONE, p2: NONE } },
  ]);
});

test("rejected sizes, quality and recording are told again after the same pause", () => {
  const { rig } = rigWithMany(2);
  rig.on({ type: "set-video-wishes", wishes: { base: SMALL, byParticipant: { p0: { "cam-video": SMALL } } } });
  gathered(rig);
  rig.on({ type: "quality-measured", quality: "weak" });
  rig.on({ type: "set-recording", isRecording: true });
  const messages = ["set_video_wishes", "set_network_quality", "set_recording"];
  for (const message of messages) reject(rig, message);
  expect(pauses(rig).slice(-1)).toEqual([1_000]);
  expect(messages.map((message) => rig.sent(message).length)).toEqual([1, 1, 1]);
  gathered(rig);
  expect(messages.map((message) => rig.sent(message).length)).toEqual([2, 2, 2]);
  expect(rig.sent("set_video_wishes").at(-1)).toEqual({ type: "set_video_wishes", base: SMALL, participants: { p0: { "cam-video": SMALL }, p1: {} } });
});

test("pauses grow while the room goes on rejecting, and not once it took what was said", () => {
  const { rig } = rigWithMany(1);
  unsubscribe(rig, ["p0"]);
  const refuse = (): void => {
    reject(rig, "set_subscriptions");
    gathered(rig);
  };
  for (let count = 0; count < 7; count += 1) refuse();
  expect(pauses(rig).filter((ms) => ms >= 1_000)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 32_000]);
  rig.hear({ type: "pong" });
  reject(rig, "set_subscriptions");
  expect(pauses(rig).at(-1)).toBe(1_000);
});

test("what is wished while the socket is lost is told with the next, however much it is", () => {
  const { rig, ids } = rigWithMany(100);
  rig.on({ type: "socket-closed", socket: rig.last("open-socket").socket });
  unsubscribe(rig, ids);
  rig.on({ type: "timer-fired", timer: "retry" });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.join({ is_resumed: true, participants: ids.map((id) => view(id)) });
  expect(named(rig)).toEqual(ids);
});
