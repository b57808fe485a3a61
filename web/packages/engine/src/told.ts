/**
 * Tells the room what we wish to receive and how we do: changes only, at the
 * end of each turn. What the room was told of an earlier stay counts no more.
 */
import type { ClientMessage, ParticipantId, SubscriptionWish, TrackSource, TrackWish, VideoWish } from "@parlor/protocol";

import { isInRoom, type Engine, type Told, type VideoWishesOf } from "./engine.ts";
import type { Subscription, SubscriptionValue } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * How long changes of video sizes are gathered. More spares messages while a
 * window is resized; less brings a tile that grew its sharper picture sooner.
 */
const WISHES_MS = 100;

type SetSubscriptions = Extract<ClientMessage, { type: "set_subscriptions" }>;
type SetVideoWishes = Extract<ClientMessage, { type: "set_video_wishes" }>;

/** Says what changed and cannot wait; starts the timer for what can. */
export function tellRoom(turn: Turn): void {
  if (!isInRoom(turn.engine) || turn.engine.link.step === "lookup" || turn.engine.link.step === "entering") return;
  tellSubscriptions(turn);
  const { told, call, isRecording, wishes, isWishing } = turn.engine;
  if (told.quality !== call.network.quality) {
    tell(turn, { quality: call.network.quality }, { type: "set_network_quality", quality: call.network.quality });
  }
  if (told.isRecording !== isRecording) tell(turn, { isRecording }, { type: "set_recording", is_recording: isRecording });
  if (told.wishes !== wishes && !isWishing) {
    turn.set({ isWishing: true });
    turn.startTimer("wishes", WISHES_MS);
  }
}

/** Time to say how large videos are wanted. */
export function handleWishesTimer(turn: Turn): void {
  turn.set({ isWishing: false });
  if (!isInRoom(turn.engine)) return;
  const { wishes, told } = turn.engine;
  const message = wishesMessage(told.wishes, wishes);
  if (message) tell(turn, { wishes }, message);
  else setTold(turn, { wishes });
}

/** Somebody left: the room forgot what was wished of them. */
export function forgetTold(turn: Turn, id: ParticipantId): void {
  const { subscriptions, wishes } = turn.engine.told;
  setTold(turn, {
    subscriptions: { ...subscriptions, byParticipant: without(subscriptions.byParticipant, id) },
    wishes: id in wishes.byParticipant ? { ...wishes, byParticipant: without(wishes.byParticipant, id) } : wishes,
  });
}

function tell(turn: Turn, told: Partial<Told>, message: ClientMessage): void {
  setTold(turn, told);
  turn.say(message);
}

function setTold(turn: Turn, told: Partial<Told>): void {
  turn.set({ told: { ...turn.engine.told, ...told } });
}

function tellSubscriptions(turn: Turn): void {
  const { told, others, call } = turn.engine;
  if (told.madeOf?.wanted === call.subscriptions && told.madeOf.others === others) return;
  setTold(turn, { madeOf: { wanted: call.subscriptions, others } });
  const wanted = wantedSubscriptions(turn.engine);
  const message: SetSubscriptions = { type: "set_subscriptions", participants: {} };
  if (!isSame(told.subscriptions.base, wanted.base)) message.base = wanted.base;
  // Those who are not there yet are named once they come.
  for (const id of others.keys()) {
    const [was, is] = [told.subscriptions.byParticipant[id] ?? null, wanted.byParticipant[id] ?? null];
    if (!isSame(was, is)) message.participants[id] = is;
  }
  if (message.base === undefined && Object.keys(message.participants).length === 0) return;
  const byParticipant = Object.fromEntries(Object.entries(wanted.byParticipant).filter(([id]) => others.has(id)));
  tell(turn, { subscriptions: { base: wanted.base, byParticipant } }, message);
}

function wantedSubscriptions({ call }: Engine): Told["subscriptions"] {
  const { all, byParticipant } = call.subscriptions;
  return { base: wishOf(all), byParticipant: Object.fromEntries(Object.entries(byParticipant).map(([id, each]) => [id, wishOf(each)])) };
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

/** The difference; `null` if there is none. Who is no longer named is as `base` again. */
function wishesMessage(told: Told["wishes"], wanted: Told["wishes"]): SetVideoWishes | null {
  const message: SetVideoWishes = { type: "set_video_wishes", participants: {} };
  if (!isSame(told.base, wanted.base)) message.base = wanted.base ?? PLAIN_WISH;
  for (const id of new Set([...Object.keys(told.byParticipant), ...Object.keys(wanted.byParticipant)])) {
    const wishes: VideoWishesOf = wanted.byParticipant[id] ?? {};
    if (!isSame(told.byParticipant[id] ?? {}, wishes)) message.participants[id] = { ...wishes };
  }
  return message.base === undefined && Object.keys(message.participants).length === 0 ? null : message;
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
