/** A message. */
export interface ChatMessage {
  readonly kind: "message";
  readonly key: number;
  readonly from: string;
  readonly userId: string;
  readonly name: string;
  readonly text: string;
  readonly at: number;
  /** What reactions know it by: who sent it and when, the same for everybody. */
  readonly id?: string;
}

/** A message, or a note that somebody came or went. */
export type ChatEntry =
  | ChatMessage
  | { readonly kind: "note"; readonly key: number; readonly text: string; readonly at: number };

/** A run of messages of one person, or one note. */
export type ChatGroup =
  | { readonly kind: "messages"; readonly key: number; readonly userId: string; readonly name: string; readonly at: number; readonly messages: readonly ChatMessage[] }
  | { readonly kind: "note"; readonly key: number; readonly text: string };

/** Messages of one person within this time stand under one name. */
const GROUP_MS = 3 * 60 * 1000;

/** Oldest entries go when there are more; a day's talk fits. */
export const MAX_ENTRIES = 2_000;

/** Adds an entry and drops the oldest beyond the limit. */
export function appended(entries: readonly ChatEntry[], entry: ChatEntry): readonly ChatEntry[] {
  const next = [...entries, entry];
  return next.length > MAX_ENTRIES ? next.slice(next.length - MAX_ENTRIES) : next;
}

/** Groups entries by person and time. */
export function grouped(entries: readonly ChatEntry[]): ChatGroup[] {
  const groups: ChatGroup[] = [];
  let lastFrom = "";
  let lastAt = 0;
  for (const entry of entries) {
    const last = groups.at(-1);
    if (entry.kind === "note") {
      groups.push({ kind: "note", key: entry.key, text: entry.text });
      lastFrom = "";
      continue;
    }
    if (last?.kind === "messages" && lastFrom === entry.from && entry.at - lastAt < GROUP_MS) {
      groups[groups.length - 1] = { ...last, messages: [...last.messages, entry] };
    } else {
      const { key, userId, name, at } = entry;
      groups.push({ kind: "messages", key, userId, name, at, messages: [entry] });
    }
    lastFrom = entry.from;
    lastAt = entry.at;
  }
  return groups;
}

/** A piece of a message: words, or a link. */
export interface TextPiece {
  readonly text: string;
  readonly href?: string;
}

/** Splits a message at its links. Only `http:` and `https:` become links. */
export function linked(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gu)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: match[0], href: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** The text of an app message if it is a chat message, as Prebuilt words them. */
export function parseChat(data: unknown): { text: string; name: string; date: string } | null {
  if (typeof data !== "object" || data === null) return null;
  const fields: Record<string, unknown> = { ...data };
  const { event, message, name, date } = fields;
  if (event !== "chat-msg" || typeof message !== "string" || message.trim() === "") return null;
  return { text: message, name: typeof name === "string" ? name : "", date: typeof date === "string" && date.length <= DATE_MOST ? date : "" };
}

/** A date as JavaScript writes it, with room to spare. */
const DATE_MOST = 40;

/** What a message is known by, the same for everybody; nothing where the sender gave no date. */
export function messageId(from: string, date: string): { id?: string } {
  return date === "" ? {} : { id: `${from} ${date}` };
}

/** A chat message as an app message. */
export function formatChat(text: string, name: string, at: number): Record<string, unknown> {
  return { event: "chat-msg", message: text, name, room: "main-room", date: new Date(at).toISOString() };
}
