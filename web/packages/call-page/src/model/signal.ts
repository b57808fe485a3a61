/**
 * What call pages say to each other beside chat: app messages of their own.
 * Anybody in the call can send anything, so all of it is checked here.
 */

import { isEmoji } from "./chat-reactions.ts";

/** The reactions there are. The word names it for readers of the screen. */
export const REACTIONS = [
  ["👍", "thumbsUp"],
  ["👏", "clap"],
  ["❤️", "heart"],
  ["😂", "laugh"],
  ["🎉", "party"],
  ["😮", "wow"],
] as const;

/** One of {@link REACTIONS}. */
export type Reaction = (typeof REACTIONS)[number][0];

/** A chat message as it is passed on to who came later. */
export interface PastMessage {
  readonly from: string;
  readonly userId: string;
  readonly name: string;
  readonly text: string;
  readonly at: number;
  /** What reactions know it by; absent from senders that name none. */
  readonly id?: string;
}

/** Something one call page tells another. */
export type Signal =
  /** The sender's hand is up since then, on the server's clock, or down. */
  | { readonly kind: "hand"; readonly raisedAt: number | null }
  /** A host lowers the receiver's hand. */
  | { readonly kind: "lower-hand" }
  /** A host asks the receiver to switch something on. */
  | { readonly kind: "ask"; readonly what: "unmute" | "start-video" }
  | { readonly kind: "reaction"; readonly reaction: Reaction }
  /** Puts an emoji under a message, or takes it away. */
  | { readonly kind: "chat-reaction"; readonly message: string; readonly emoji: string; readonly isOn: boolean }
  /** The sender came just now and asks for the chat so far. */
  | { readonly kind: "history-wanted" }
  | { readonly kind: "history"; readonly messages: readonly PastMessage[] };

const EVENTS = {
  hand: "parlor-hand",
  "lower-hand": "parlor-lower-hand",
  ask: "parlor-ask",
  reaction: "parlor-reaction",
  "chat-reaction": "parlor-chat-reaction",
  "history-wanted": "parlor-chat-history-wanted",
  history: "parlor-chat-history",
} as const satisfies Record<Signal["kind"], string>;

/** A signal as an app message. */
export function formatSignal(signal: Signal): Record<string, unknown> {
  const { kind, ...fields } = signal;
  return { event: EVENTS[kind], ...fields };
}

/** The signal in an app message, if it is one. */
export function parseSignal(data: unknown): Signal | null {
  const fields = recordOf(data);
  switch (fields["event"]) {
    case EVENTS.hand:
      return parseHand(fields["raisedAt"]);
    case EVENTS["lower-hand"]:
      return { kind: "lower-hand" };
    case EVENTS.reaction: {
      const known = REACTIONS.find(([emoji]) => emoji === fields["reaction"]);
      return known ? { kind: "reaction", reaction: known[0] } : null;
    }
    case EVENTS.ask: {
      const { what } = fields;
      return what === "unmute" || what === "start-video" ? { kind: "ask", what } : null;
    }
    case EVENTS["chat-reaction"]: {
      const { message, emoji, isOn } = fields;
      return typeof message === "string" && message.length <= KEY_MOST && isEmoji(emoji) && typeof isOn === "boolean" ? { kind: "chat-reaction", message, emoji, isOn } : null;
    }
    case EVENTS["history-wanted"]:
      return { kind: "history-wanted" };
    case EVENTS.history:
      return Array.isArray(fields["messages"]) ? { kind: "history", messages: fields["messages"].flatMap(parsePast) } : null;
    default:
      return null;
  }
}

function parseHand(raisedAt: unknown): Signal | null {
  if (raisedAt === null) return { kind: "hand", raisedAt };
  return typeof raisedAt === "number" && Number.isFinite(raisedAt) ? { kind: "hand", raisedAt } : null;
}

function parsePast(value: unknown): PastMessage[] {
  const { from, userId, name, text, at, id } = recordOf(value);
  if (typeof from !== "string" || typeof userId !== "string" || typeof name !== "string" || typeof text !== "string") return [];
  if (typeof at !== "number" || !Number.isFinite(at) || Math.abs(at) > LAST_DATE) return [];
  return [{ from, userId, name, text, at, ...(typeof id === "string" && id.length <= KEY_MOST ? { id } : {}) }];
}

/** Longest name of a message: a session id and a date. */
const KEY_MOST = 120;

/** Milliseconds beyond which there are no dates. */
const LAST_DATE = 8.64e15;

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/**
 * Packs messages, oldest first, into signals that each fit into one app message
 * of `maxBytes`. A message too long for one is left out.
 */
export function packHistory(messages: readonly PastMessage[], maxBytes: number): Signal[] {
  const packs: PastMessage[][] = [];
  const bytesOf = (pack: readonly PastMessage[]): number => new TextEncoder().encode(JSON.stringify(formatSignal({ kind: "history", messages: pack }))).length;
  for (const message of messages) {
    if (bytesOf([message]) > maxBytes) continue;
    const last = packs.at(-1);
    if (last && bytesOf([...last, message]) <= maxBytes) last.push(message);
    else packs.push([message]);
  }
  return packs.map((pack) => ({ kind: "history", messages: pack }));
}

/** Who raised a hand first stands first. */
export function handQueue(hands: ReadonlyMap<string, number>): string[] {
  return [...hands].sort(([idA, atA], [idB, atB]) => atA - atB || (idA < idB ? -1 : 1)).map(([id]) => id);
}
