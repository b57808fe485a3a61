/** Raised hands and reactions: one's own, and those of the others. */
import type { CallState } from "@parlor/browser";

import { isHost } from "./abilities.ts";
import { formatSignal, handQueue, REACTIONS, type Reaction, type Signal } from "./model/signal.ts";
import type { Page } from "./page.ts";
import { serverNow } from "./server-time.ts";

/** How long a reaction is seen. */
const REACTION_MS = 3_000;
/** Between two of one's own reactions; who taps faster sends fewer. */
const REACT_EVERY_MS = 300;
/** Reactions within this time are said in one go. */
const SAY_AFTER_MS = 1_000;

/** Raises one's hand, or lowers it. */
export function toggleHand(page: Page): void {
  const { local } = page.call.state;
  const isUp = page.ui.value.hands.has(local.id);
  const raisedAt = isUp ? null : serverNow(page);
  setHand(page, local.id, raisedAt);
  page.say(isUp ? page.language.texts.hand.lowered : page.language.texts.hand.raised);
  tell(page, { kind: "hand", raisedAt }, "*");
}

/** Lowers one's own hand, since one has had one's say; it can be raised again where it was in the queue. */
export function lowerOwnHand(page: Page): void {
  const { hand } = page.language.texts;
  const { id } = page.call.state.local;
  const raisedAt = page.ui.value.hands.get(id);
  if (raisedAt === undefined) return;
  setHand(page, id, null);
  tell(page, { kind: "hand", raisedAt: null }, "*");
  const again = () => {
    page.ui.update({ toast: null });
    setHand(page, id, raisedAt);
    tell(page, { kind: "hand", raisedAt }, "*");
  };
  page.ui.update({ toast: { text: hand.loweredItself, action: { label: hand.raiseAgain, run: again } } });
}

/** Lowers somebody else's hand, as a host. */
export function lowerHand(page: Page, id: string): void {
  tell(page, { kind: "lower-hand" }, [id]);
}

/** Shows a reaction to everybody. */
export function react(page: Page, reaction: Reaction): void {
  const now = Date.now();
  if (now - lastReaction < REACT_EVERY_MS) return;
  lastReaction = now;
  showReaction(page, page.call.state.local.id, reaction);
  tell(page, { kind: "reaction", reaction }, "*");
}

let lastReaction = 0;

/** Takes what somebody else did. */
export function receiveGesture(page: Page, from: string, signal: Extract<Signal, { kind: "hand" | "lower-hand" | "reaction" }>): void {
  const person = page.call.state.participants.get(from);
  if (!person) return;
  switch (signal.kind) {
    case "hand":
      return receiveHand(page, from, signal.raisedAt);
    case "lower-hand": {
      const isUp = page.ui.value.hands.has(page.call.state.local.id);
      return isHost(person) && isUp ? toggleHand(page) : undefined;
    }
    case "reaction":
      return page.isOn("enable_emoji_reactions", false) ? showReaction(page, from, signal.reaction) : undefined;
  }
}

/** Forgets the hands of those who are gone, and shows one's own to those who come. */
export function followHands(page: Page, state: CallState, before: CallState): void {
  const { hands } = page.ui.value;
  if (hands.size === 0 || state.participants === before.participants) return;
  const present = new Map([...hands].filter(([id]) => id === state.local.id || state.participants.has(id)));
  if (present.size !== hands.size) page.ui.update({ hands: present });
  const own = present.get(state.local.id);
  if (own === undefined) return;
  const fresh = [...state.participants.keys()].filter((id) => !before.participants.has(id));
  if (fresh.length > 0) tell(page, { kind: "hand", raisedAt: own }, fresh);
}

/** The place in the queue, from 1 on; `null` for a hand that is down. */
export function placeInQueue(hands: ReadonlyMap<string, number>, id: string): number | null {
  const at = handQueue(hands).indexOf(id);
  return at === -1 ? null : at + 1;
}

function receiveHand(page: Page, from: string, raisedAt: number | null): void {
  if (!page.isOn("enable_hand_raising", false)) return;
  const wasUp = page.ui.value.hands.has(from);
  setHand(page, from, raisedAt);
  if (raisedAt !== null && !wasUp) page.say(page.language.texts.hand.raisedBy(nameOf(page, from)));
}

function setHand(page: Page, id: string, raisedAt: number | null): void {
  const hands = new Map(page.ui.value.hands);
  if (raisedAt === null) hands.delete(id);
  else hands.set(id, raisedAt);
  page.ui.update({ hands });
}

function showReaction(page: Page, id: string, reaction: Reaction): void {
  const shown = { reaction, key: nextKey++ };
  page.ui.update({ reactions: new Map(page.ui.value.reactions).set(id, shown) });
  if (id !== page.call.state.local.id) sayLater(page, `${nameOf(page, id)}: ${wordFor(page, reaction)}`);
  setTimeout(() => {
    if (page.ui.value.reactions.get(id) !== shown) return;
    const reactions = new Map(page.ui.value.reactions);
    reactions.delete(id);
    page.ui.update({ reactions });
  }, REACTION_MS);
}

let nextKey = 1;
let waiting: string[] = [];

function sayLater(page: Page, text: string): void {
  if (waiting.push(text) > 1) return;
  setTimeout(() => {
    page.say(waiting.join(", "));
    waiting = [];
  }, SAY_AFTER_MS);
}

/** The word for a reaction. */
export function wordFor(page: Page, reaction: Reaction): string {
  const word = REACTIONS.find(([emoji]) => emoji === reaction)?.[1] ?? "thumbsUp";
  return page.language.texts.reactions.words[word];
}

function nameOf(page: Page, id: string): string {
  return page.call.state.participants.get(id)?.userName || page.language.texts.guest;
}

function tell(page: Page, signal: Signal, to: "*" | readonly string[]): void {
  page.call.sendAppMessage(formatSignal(signal), to);
}
