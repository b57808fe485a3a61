/** Chat: app messages in and out, and what is unread. */
import { MAX_APP_MESSAGE_BYTES } from "@parlor/protocol";

import { appended, formatChat, messageId, parseChat, type ChatEntry } from "./model/chat-log.ts";
import { reacted } from "./model/chat-reactions.ts";
import { formatSignal } from "./model/signal.ts";
import type { Page } from "./page.ts";
import type { Panel } from "./ui-state.ts";

let nextKey = 1;

/** Takes an app message that may be chat; anything else is for applications. */
export function receiveChat(page: Page, from: string, data: unknown): void {
  const message = parseChat(data);
  if (!message || !page.isOn("enable_chat", false)) return;
  const person = page.call.state.participants.get(from);
  const { texts } = page.language;
  const name = person?.userName || message.name || texts.guest;
  const key = nextKey++;
  keep(page, { kind: "message", key, from, userId: person?.userId ?? from, name, text: message.text, at: Date.now(), ...messageId(from, message.date) });
  if (page.ui.value.panel === "chat") return;
  const { unread, firstUnread } = page.ui.value;
  const open = { label: texts.chat.open, run: () => openPanel(page, "chat") };
  page.ui.update({ unread: unread + 1, firstUnread: firstUnread ?? key, toast: { text: texts.chat.toast(name, message.text), action: open } });
}

/** Sends a message to everybody; `false` if it is too long for one. */
export function sendChat(page: Page, text: string): boolean {
  const { local } = page.call.state;
  const at = Date.now();
  const data = formatChat(text, local.userName, at);
  if (new TextEncoder().encode(JSON.stringify(data)).length > MAX_APP_MESSAGE_BYTES) return false;
  page.call.sendAppMessage(data, "*");
  const name = local.userName || page.language.texts.guest;
  keep(page, { kind: "message", key: nextKey++, from: local.id, userId: local.userId, name, text, at, ...messageId(local.id, new Date(at).toISOString()) });
  return true;
}

/** Puts an emoji under a message, or takes one's own away. */
export function toggleReaction(page: Page, message: string, emoji: string): void {
  const own = page.call.state.local.id;
  const isOn = !(page.ui.value.chatReactions.get(message)?.get(emoji)?.includes(own) ?? false);
  page.ui.update({ chatReactions: reacted(page.ui.value.chatReactions, message, emoji, own, isOn) });
  page.call.sendAppMessage(formatSignal({ kind: "chat-reaction", message, emoji, isOn }), "*");
}

/** Takes somebody else's emoji under a message. */
export function receiveReaction(page: Page, from: string, reaction: { readonly message: string; readonly emoji: string; readonly isOn: boolean }): void {
  if (!isAdvanced(page) || !page.call.state.participants.has(from)) return;
  page.ui.update({ chatReactions: reacted(page.ui.value.chatReactions, reaction.message, reaction.emoji, from, reaction.isOn) });
}

/** Whether the chat has emoji and reactions. */
export function isAdvanced(page: Page): boolean {
  return page.isOn("enable_advanced_chat", false);
}

/** Notes in the chat that somebody came or went. */
export function noteInChat(page: Page, text: string): void {
  keep(page, { kind: "note", key: nextKey++, text, at: Date.now() });
}

/** Opens a panel beside the stage, or closes it. */
export function openPanel(page: Page, panel: Panel | null): void {
  const reads = panel === "chat" ? { unread: 0, toast: null } : {};
  const forgets = page.ui.value.panel === "chat" && panel !== "chat" ? { firstUnread: null } : {};
  page.ui.update({ panel, menu: null, ...reads, ...forgets });
}

function keep(page: Page, entry: ChatEntry): void {
  page.ui.update({ chat: appended(page.ui.value.chat, entry) });
}
