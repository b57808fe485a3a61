/** Listens to who speaks, a few times a second, and keeps the grid in order. */
import type { Participant } from "@parlor/engine";

import { arrange, type Ranked } from "./model/order.ts";
import { lowerOwnHand } from "./gestures.ts";
import { followSay, followSpeaking, isHandDone, mainSpeaker, type Say, type SpeakingSince } from "./model/main-speaker.ts";
import { isOffered } from "./model/sharers.ts";
import { followVoice, type Voice } from "./model/speaking.ts";
import type { Page } from "./page.ts";

/** Between two looks. Shorter follows voices closer and asks the browser for statistics more often. */
const LISTEN_EVERY_MS = 200;

/** Starts listening. Returns the way out. */
export function listen(page: Page): () => void {
  const voices = new Map<string, Voice>();
  const talk: Talk = { since: new Map(), say: null };
  let isAsking = false;
  const look = async () => {
    if (isAsking || page.ui.value.screen !== "call" || document.hidden) return;
    isAsking = true;
    try {
      const levels = await page.call.remoteAudioLevels();
      followVoices(page, voices, levels, Date.now());
      followTalk(page, talk, Date.now());
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => void look(), LISTEN_EVERY_MS);
  const stop = page.call.subscribe((state, before) => {
    if (state.participants !== before.participants) keepOrder(page, Date.now());
  });
  return () => {
    clearInterval(timer);
    stop();
  };
}

function followVoices(page: Page, voices: Map<string, Voice>, levels: Record<string, number>, now: number): void {
  const { state } = page.call;
  const all = new Map(Object.entries(levels));
  if (state.local.tracks["cam-audio"].state === "playable") all.set(state.local.id, page.call.localAudioLevel());
  const speaking = new Set<string>();
  const spokeAt = new Map(page.ui.value.spokeAt);
  for (const id of [...voices.keys()]) if (!all.has(id)) voices.delete(id);
  for (const [id, level] of all) {
    const voice = followVoice(voices.get(id), level, now);
    voices.set(id, voice);
    if (!voice.isSpeaking) continue;
    speaking.add(id);
    spokeAt.set(id, now);
  }
  if (speaking.size > 0 || page.ui.value.speaking.size > 0) page.ui.update({ speaking: sameOr(page.ui.value.speaking, speaking), spokeAt });
  keepOrder(page, now);
}

/** Who speaks for how long. */
interface Talk {
  since: SpeakingSince;
  /** One's own voice, while the hand is up. */
  say: Say | null;
}

function followTalk(page: Page, talk: Talk, now: number): void {
  const { speaking, hands, mainSpeaker: before } = page.ui.value;
  const own = page.call.state.local.id;
  talk.since = followSpeaking(talk.since, speaking, now);
  const next = mainSpeaker(before, talk.since, { own, now });
  if (next !== before) page.ui.update({ mainSpeaker: next });
  talk.say = hands.has(own) ? followSay(talk.say, speaking.has(own), now) : null;
  if (talk.say && isHandDone(talk.say, now)) lowerOwnHand(page);
}

function keepOrder(page: Page, now: number): void {
  const { arrangement, spokeAt } = page.ui.value;
  const people = [...page.call.state.participants.values()].map(ranked);
  const next = arrange(arrangement, { people, firstPage: Math.max(1, page.pageCapacity - 1), spokeAt, now });
  if (next !== arrangement) page.ui.update({ arrangement: next });
}

function ranked(person: Participant): Ranked {
  const hasVideo = isOffered(person.tracks["cam-video"]);
  return { id: person.id, isOwner: person.isOwner, hasVideo, joinedAt: person.joinedAt ?? 0 };
}

function sameOr(before: ReadonlySet<string>, now: ReadonlySet<string>): ReadonlySet<string> {
  return before.size === now.size && [...now].every((id) => before.has(id)) ? before : now;
}
