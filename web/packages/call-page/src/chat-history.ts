/**
 * The chat from before one came: asked of those who were there, the longest
 * first. Nobody but who is asked, and only while that one is asked, can say
 * what was.
 */
import { MAX_APP_MESSAGE_BYTES } from "@parlor/protocol";

import { formatSignal, packHistory, type PastMessage } from "./model/signal.ts";
import type { ChatEntry } from "./model/chat-log.ts";
import type { Page } from "./page.ts";

/** How long one person is waited for; applications of other makers never answer. */
const ANSWER_MS = 2_000;
/** How many are asked, one after the other. */
const ASKED_AT_MOST = 3;
/** How many messages are passed on. More show who comes late more of the talk, and load who answers. */
const PASSED_ON = 100;
/** How many app messages an answer may take. */
const PACKS_AT_MOST = 10;
/** Between two questions of one person that are answered. */
const ANSWER_EVERY_MS = 5_000;

let asked: string | null = null;
const answeredAt = new Map<string, number>();

/** Asks for the chat so far, once one is in. */
export async function askForHistory(page: Page): Promise<void> {
  if (!isShared(page)) return;
  const people = [...page.call.state.participants.values()].sort((a, b) => (a.joinedAt ?? 0) - (b.joinedAt ?? 0));
  for (const { id } of people.slice(0, ASKED_AT_MOST)) {
    if (page.ui.value.hasHistory || page.call.state.phase !== "joined") break;
    asked = id;
    page.call.sendAppMessage(formatSignal({ kind: "history-wanted" }), [id]);
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  }
  asked = null;
}

/** Answers somebody who came later. */
export function answerHistory(page: Page, from: string): void {
  if (!isShared(page) || !page.call.state.participants.has(from)) return;
  const now = Date.now();
  for (const [id, at] of answeredAt) if (now - at >= ANSWER_EVERY_MS) answeredAt.delete(id);
  if (answeredAt.has(from)) return;
  answeredAt.set(from, now);
  const packs = packHistory(pastOf(page.ui.value.chat).slice(-PASSED_ON), MAX_APP_MESSAGE_BYTES).slice(-PACKS_AT_MOST);
  // Even an empty answer is one: nobody else need be asked.
  const answers = packs.length === 0 ? [{ kind: "history" as const, messages: [] }] : packs;
  for (const answer of answers) page.call.sendAppMessage(formatSignal(answer), [from]);
}

/** Takes the answer; it stands before what was said since. */
export function receiveHistory(page: Page, from: string, messages: readonly PastMessage[]): void {
  if (from !== asked || !isShared(page)) return;
  const own = page.ui.value.chat;
  const earlier = own.filter((entry) => entry.key < 0);
  const later = own.filter((entry) => entry.key >= 0);
  // What was said between coming and asking is in both; clocks differ, so times do not tell.
  const heard = new Set(pastOf(later).map(keyOf));
  const past = messages.filter((message) => !heard.has(keyOf(message))).map((message): ChatEntry => ({ kind: "message", key: nextKey--, ...message }));
  page.ui.update({ hasHistory: true, chat: [...earlier, ...past, ...later] });
}

/** Below zero, so that they differ from the keys of messages that one saw come. */
let nextKey = -1;

function pastOf(chat: readonly ChatEntry[]): PastMessage[] {
  return chat.flatMap((entry) => (entry.kind === "message" ? [{ from: entry.from, userId: entry.userId, name: entry.name, text: entry.text, at: entry.at, ...(entry.id === undefined ? {} : { id: entry.id }) }] : []));
}

function keyOf({ from, text }: PastMessage): string {
  return JSON.stringify([from, text]);
}

/** Whether who comes later sees the chat from before. */
export function isShared(page: Page): boolean {
  return page.isOn("enable_chat", false) && page.isOn("enable_shared_chat_history", true);
}
