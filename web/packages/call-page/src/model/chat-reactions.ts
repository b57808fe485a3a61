/** Emoji that people put under messages. A message is known by who sent it and when. */

/** By message, then emoji: the session ids of those who reacted. */
export type ChatReactions = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** Emoji to choose from, in a message and under one. */
export const EMOJI = ["👍", "👏", "❤️", "😂", "🎉", "😮", "🙏", "🔥", "✅", "👀", "😊", "😍", "🤔", "😢", "💯", "🚀", "👋", "🙌", "😅", "☕"] as const;

/** Messages that have reactions, at most; the oldest go. */
const MOST_MESSAGES = 500;

/** Puts somebody's emoji under a message, or takes it away. */
export function reacted(reactions: ChatReactions, message: string, emoji: string, who: string, isOn: boolean): ChatReactions {
  const before = reactions.get(message) ?? new Map<string, readonly string[]>();
  const others = (before.get(emoji) ?? []).filter((id) => id !== who);
  const people = isOn ? [...others, who] : others;
  const under = new Map(before);
  if (people.length === 0) under.delete(emoji);
  else under.set(emoji, people);
  const next = new Map(reactions);
  if (under.size === 0) next.delete(message);
  else next.set(message, under);
  const oldest = next.size > MOST_MESSAGES ? next.keys().next().value : undefined;
  if (oldest !== undefined) next.delete(oldest);
  return next;
}

/** Whether an emoji is one that can be put under messages. */
export function isEmoji(value: unknown): value is (typeof EMOJI)[number] {
  return EMOJI.some((emoji) => emoji === value);
}
