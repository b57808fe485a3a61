/**
 * Tells the room what we wish to receive and how we do: changes only, and not
 * too often. What the room was told of an earlier stay counts no more.
 */
import type { ClientMessage, ParticipantId, SubscriptionWish, TrackSource, TrackWish, VideoWish } from "@parlor/protocol";

import { isInRoom, type Engine, type SubscriptionWishes, type Told, type VideoWishes, type VideoWishesOf } from "./engine.ts";
import type { Subscription, SubscriptionValue } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * How long changes of subscriptions and video sizes are gathered. More spares
 * messages while a window is resized, or a subscription made for each of many;
 * less brings a tile that grew its sharper picture sooner.
 */
const GATHER_MS = 100;
/**
 * Pause before the room is told again what it rejected: the first, which
 * doubles up to the last. Rejections come from saying too much in too short a
 * time; less would add to it.
 */
const AGAIN_MS = { first: 1_000, last: 32_000 } as const;
/** Most people named at once. The room takes four times as many, but only so many bytes. */
const MAX_NAMED_AT_ONCE = 250;
/** Most people with a wish of their own; the room takes no more. */
const MAX_NAMED = 1_000;

type SetVideoWishes = Extract<ClientMessage, { type: "set_video_wishes" }>;

/** Says what changed and cannot wait; starts the timer for what can. */
export function tellRoom(turn: Turn): void {
  if (!isInRoom(turn.engine) || turn.engine.link.step !== "in" || turn.engine.telling === "pausing") return;
  const { told, call, isRecording } = turn.engine;
  if (told.quality !== call.network.quality) {
    tell(turn, { quality: call.network.quality }, { type: "set_network_quality", quality: call.network.quality });
  }
  if (told.isRecording !== isRecording) tell(turn, { isRecording }, { type: "set_recording", is_recording: isRecording });
  if (turn.engine.telling !== "free") return;
  // The first is told at once: whoever comes should not be sent first what they do not want.
  const isTold = tellSubscriptions(turn);
  if (!isTold && turn.engine.told.wishes === turn.engine.wishes) return;
  turn.set({ telling: "gathering" });
  turn.startTimer("wishes", GATHER_MS);
}

/** Time to say what was gathered, or rejected. Subscriptions follow at the turn's end. */
export function handleWishesTimer(turn: Turn): void {
  turn.set({ telling: "free" });
  const { engine } = turn;
  if (!isInRoom(engine) || engine.link.step !== "in") return;
  const { wishes, told, others } = engine;
  setTold(turn, { wishes });
  for (const message of wishesMessages(told.wishes, wishes, others.keys())) turn.say(message);
}

/** What the room has to be told again, by the message that it rejected. */
const AGAIN: ReadonlyMap<string, Partial<Told>> = new Map([
  ["set_subscriptions", { subscriptions: null, madeOf: null }],
  ["set_video_wishes", { wishes: null }],
  ["set_network_quality", { quality: null }],
  ["set_recording", { isRecording: null }],
]);

/** The room took no notice of a wish; it does not say which. */
export function handleWishRejected(turn: Turn, message: string): void {
  const untold = AGAIN.get(message);
  if (!untold) return;
  setTold(turn, untold);
  if (turn.engine.telling === "pausing") return;
  const { pauses } = turn.engine.told;
  setTold(turn, { pauses: pauses + 1 });
  turn.set({ telling: "pausing" });
  turn.startTimer("wishes", Math.min(AGAIN_MS.last, AGAIN_MS.first * 2 ** pauses));
}

/** The room has read what was said before, and took it. */
export function handlePong(turn: Turn): void {
  if (turn.engine.telling !== "pausing" && turn.engine.told.pauses > 0) setTold(turn, { pauses: 0 });
}

/** Somebody left: the room forgot what was wished of them. */
export function forgetTold(turn: Turn, id: ParticipantId): void {
  const { subscriptions, wishes } = turn.engine.told;
  setTold(turn, {
    subscriptions: subscriptions && { ...subscriptions, byParticipant: without(subscriptions.byParticipant, id) },
    wishes: wishes && id in wishes.byParticipant ? { ...wishes, byParticipant: without(wishes.byParticipant, id) } : wishes,
  });
}

function tell(turn: Turn, told: Partial<Told>, message: ClientMessage): void {
  setTold(turn, told);
  turn.say(message);
}

function setTold(turn: Turn, told: Partial<Told>): void {
  turn.set({ told: { ...turn.engine.told, ...told } });
}

/** Whether there was anything to say. */
function tellSubscriptions(turn: Turn): boolean {
  const { told, others, call } = turn.engine;
  if (told.madeOf?.wanted === call.subscriptions && told.madeOf.others === others) return false;
  const known = told.subscriptions;
  const wanted = wantedSubscriptions(turn.engine);
  const changes = [...others.keys()].flatMap((id): [ParticipantId, SubscriptionWish | null][] => {
    const is = wanted.byParticipant[id] ?? null;
    return known && isSame(known.byParticipant[id] ?? null, is) ? [] : [[id, is]];
  });
  const base = known && isSame(known.base, wanted.base) ? {} : { base: wanted.base };
  setTold(turn, { subscriptions: wanted, madeOf: { wanted: call.subscriptions, others } });
  // What makes room for others goes first.
  const named = [...changes.filter(([, wish]) => wish === null), ...changes.filter(([, wish]) => wish !== null)];
  const parts = inParts(named, "base" in base);
  for (const [index, participants] of parts.entries()) {
    turn.say({ type: "set_subscriptions", ...(index === 0 ? base : {}), participants });
  }
  return parts.length > 0;
}

/** As many records as the entries need; `isNeeded`: one at least. */
function inParts<T>(entries: readonly (readonly [ParticipantId, T])[], isNeeded: boolean): Record<ParticipantId, T>[] {
  const count = Math.max(isNeeded ? 1 : 0, Math.ceil(entries.length / MAX_NAMED_AT_ONCE));
  return Array.from({ length: count }, (_, index) => Object.fromEntries(entries.slice(index * MAX_NAMED_AT_ONCE, (index + 1) * MAX_NAMED_AT_ONCE)));
}

/** Those who are not there yet are named once they come. */
function wantedSubscriptions({ call, others }: Engine): SubscriptionWishes {
  const { all, byParticipant } = call.subscriptions;
  const named = [...others.keys()].flatMap((id): [ParticipantId, SubscriptionWish][] => {
    const wanted = byParticipant[id];
    return wanted === undefined ? [] : [[id, wishOf(wanted)]];
  });
  return { base: wishOf(all), byParticipant: Object.fromEntries(named.slice(0, MAX_NAMED)) };
}

const WORDS = new Map<SubscriptionValue, TrackWish>([
  [true, "full"],
  [false, "none"],
  ["staged", "staged"],
]);

function wishOf(subscription: Subscription): SubscriptionWish {
  if (typeof subscription !== "object") return { tracks: {}, others: wordOf(subscription) };
  const { others, ...named } = subscription;
  const tracks: Partial<Record<TrackSource, TrackWish>> = {};
  for (const [source, value] of Object.entries(named) as [TrackSource, SubscriptionValue][]) tracks[source] = wordOf(value);
  return { tracks, others: wordOf(others ?? false) };
}

function wordOf(value: SubscriptionValue): TrackWish {
  return WORDS.get(value) ?? "none";
}

/** The difference. Who is no longer named is as `base` again; so is everybody of whom the room may know anything. */
function wishesMessages(told: VideoWishes | null, wanted: VideoWishes, others: Iterable<ParticipantId>): SetVideoWishes[] {
  const changes: [ParticipantId, VideoWishesOf][] = [];
  for (const id of new Set([...(told ? Object.keys(told.byParticipant) : others), ...Object.keys(wanted.byParticipant)])) {
    const wishes: VideoWishesOf = wanted.byParticipant[id] ?? {};
    if (!told || !isSame(told.byParticipant[id] ?? {}, wishes)) changes.push([id, { ...wishes }]);
  }
  const base = told && isSame(told.base, wanted.base) ? {} : { base: wanted.base ?? PLAIN_WISH };
  return inParts(changes, "base" in base).map((participants, index) => ({ type: "set_video_wishes", ...(index === 0 ? base : {}), participants }));
}

const PLAIN_WISH: VideoWish = { is_paused: false, priority: "normal" };

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _, ...rest } = record;
  return rest;
}

/** Plain data of our own making, whose keys stay in order. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
