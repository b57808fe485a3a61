/**
 * What the page does by itself when the call changes: screens, toasts, chat,
 * and the words for people who cannot see the page.
 */
import type { CallEvent, CallState } from "@parlor/browser";
import type { CameraError, Participant } from "@parlor/engine";

import { abilitiesOf } from "./abilities.ts";
import { answerHistory, askForHistory, receiveHistory } from "./chat-history.ts";
import { receiveCaption } from "./captions.ts";
import { noteInChat, receiveChat, receiveReaction } from "./chat.ts";
import { setBlur } from "./effects.ts";
import { followHands, receiveGesture } from "./gestures.ts";
import { followMediaRequest, receiveAsk } from "./host.ts";
import { offerNoVideo } from "./incoming-video.ts";
import { followKnocks } from "./knocks.ts";
import { isReconnecting } from "./model/ending.ts";
import { isOffered } from "./model/sharers.ts";
import { parseSignal } from "./model/signal.ts";
import { timeOfDay } from "./model/times.ts";
import { followRecording } from "./recording.ts";
import { devicesOff, type Page } from "./page.ts";
import { endByError } from "./session.ts";
import { playDing } from "./sound.ts";

/** Follows the call for the page's life. Returns the way out. */
export function watchCall(page: Page): () => void {
  const stopState = page.call.subscribe((state, before) => followState(page, state, before));
  const stopEvents = page.call.onEvent((event) => followEvent(page, event));
  return () => {
    stopState();
    stopEvents();
  };
}

function followState(page: Page, state: CallState, before: CallState): void {
  if (state.phase === "joined" && before.phase !== "joined") return welcome(page, state);
  if (state.phase === "failed" && before.phase === "joined" && state.error) return endByError(page, state.error);
  if (state.phase !== "joined") return;
  announceArrivals(page, state, before);
  announceOwn(page, state, before);
  announcePermissions(page, state, before);
  followHands(page, state, before);
  followKnocks(page, state, before);
  if (state.network.quality === "poor" && before.network.quality !== "poor") offerNoVideo(page);
  if (state.cpuLoad === "high" && before.cpuLoad === "low") warnOfLoad(page);
  const began = earliest(page, state);
  if (began !== page.ui.value.beganAt) page.ui.update({ beganAt: began });
  if (isReconnecting(before) && !isReconnecting(state)) page.say(page.language.texts.said.reconnected);
}

function welcome(page: Page, state: CallState): void {
  page.ui.update({ screen: "call", ending: null, joinedAt: Date.now(), gridPage: 0, menu: null, dialog: null });
  page.ui.update({ beganAt: earliest(page, state) });
  page.say(page.language.texts.said.inCall(state.participants.size));
  page.views.refresh();
  void askForHistory(page);
}

/** When the meeting began on this clock: the earliest arrival known, shifted from the server's clock. */
function earliest(page: Page, state: CallState): number {
  const { joinedAt, beganAt } = page.ui.value;
  const here = joinedAt ?? Date.now();
  const own = state.local.joinedAt;
  let began = Math.min(here, beganAt ?? here);
  if (own === null) return began;
  for (const person of state.participants.values()) {
    if (person.joinedAt !== null) began = Math.min(began, here - (own - person.joinedAt));
  }
  return began;
}

function announceArrivals(page: Page, state: CallState, before: CallState): void {
  if (state.participants === before.participants) return;
  const { texts, locale } = page.language;
  const time = timeOfDay(Date.now(), locale);
  for (const [id, person] of state.participants) {
    const known = before.participants.get(id);
    const name = nameOf(page, person);
    if (!known) {
      if (state.participants.size + 1 <= page.dingsUpTo) void playDing();
      page.say(texts.said.joined(name));
      noteInChat(page, texts.chat.joined(name, time));
    }
    const isSharing = isOffered(person.tracks["screen-video"]);
    const wasSharing = known !== undefined && isOffered(known.tracks["screen-video"]);
    if (isSharing && !wasSharing) page.say(texts.said.screen(name));
  }
}

function announceOwn(page: Page, state: CallState, before: CallState): void {
  const { dock } = page.language.texts;
  const now = devicesOff(state);
  const then = devicesOff(before);
  page.lastOff = now;
  if (now.startAudioOff !== then.startAudioOff) page.say(now.startAudioOff ? dock.muted : dock.unmuted);
  if (now.startVideoOff !== then.startVideoOff) page.say(now.startVideoOff ? dock.videoOff : dock.videoOn);
}

/** What the room or a host allows or forbids while one is in. */
function announcePermissions(page: Page, state: CallState, before: CallState): void {
  if (state.local.permissions === before.local.permissions) return;
  const now = abilitiesOf(page, state);
  const then = abilitiesOf(page, before);
  const { permission } = page.language.texts;
  const gained = now.mic && !then.mic ? permission.maySpeak : now.camera && !then.camera ? permission.mayShow : null;
  const host = now.admin === then.admin ? null : now.admin ? permission.isHost : permission.isNoHost;
  const lost = !now.mic && then.mic ? permission.mayNotSpeak : !now.camera && then.camera ? permission.mayNotShow : null;
  const text = lost ?? gained ?? host;
  if (text !== null) page.ui.update({ toast: { text } });
}

/** So few people on a page are easy for most devices. */
const FEW = 9;

function warnOfLoad(page: Page): void {
  if (!page.isOn("enable_cpu_warning_notifications", true)) return;
  const { texts } = page.language;
  const { effects } = page.ui.value;
  const doing = (run: () => void) => () => {
    page.ui.update({ toast: null });
    run();
  };
  const blur = { label: texts.toast.blurOff, run: doing(() => void setBlur(page, false)) };
  const video = { label: texts.dock.stopVideo, run: doing(() => page.call.setLocalVideo(false)) };
  const fewer = { label: texts.toast.fewerPeople, run: doing(() => page.ui.update({ perPage: FEW, gridPage: 0 })) };
  const isFull = page.call.state.participants.size >= FEW && page.pageCapacity > FEW;
  page.ui.update({ toast: { text: texts.toast.struggling, action: effects.blur ? blur : video, ...(isFull ? { other: fewer } : {}) } });
}

function receiveMessage(page: Page, from: string, data: unknown): void {
  const signal = parseSignal(data);
  switch (signal?.kind) {
    case "history-wanted":
      return answerHistory(page, from);
    case "history":
      return receiveHistory(page, from, signal.messages);
    case "hand":
    case "lower-hand":
    case "reaction":
      return receiveGesture(page, from, signal);
    case "ask":
      return receiveAsk(page, from, signal.what);
    case "chat-reaction":
      return receiveReaction(page, from, signal);
    case undefined:
      return receiveCaption(page, from, data) ? undefined : receiveChat(page, from, data);
  }
}

/** Messages to the room that nobody asked for. */
const BY_ITSELF: ReadonlySet<string> = new Set(["set_video_wishes", "set_subscriptions", "set_network_quality", "request_keyframe", "publish"]);

function followEvent(page: Page, event: CallEvent): void {
  const { texts, locale } = page.language;
  switch (event.type) {
    case "app-message":
      return receiveMessage(page, event.from, event.data);
    case "participant-left": {
      const name = nameOf(page, event.participant);
      page.say(texts.said.left(name));
      noteInChat(page, texts.chat.left(name, timeOfDay(Date.now(), locale)));
      if (page.ui.value.pinned === event.participant.id) page.ui.update({ pinned: null });
      if (page.ui.value.screenOf === event.participant.id) page.ui.update({ screenOf: null });
      return;
    }
    case "camera-error":
      return followCameraError(page, event.error);
    case "camera-started":
      return page.ui.update({ failed: stillFailed(page, {}) });
    case "device-lost":
      return followLostDevice(page, event.source, event.label);
    case "media-requested":
      return followMediaRequest(page, event);
    case "recording-data":
      return followRecording(page, event);
    case "recording-failed":
      return page.ui.update({ toast: { text: texts.record.failed, isError: true } });
    case "screen-share-failed":
      if (event.reason !== "canceled") page.ui.update({ toast: { text: texts.toast.shareFailed, isError: true } });
      return;
    case "rejected":
      // What the page says by itself is nothing that a person did or could do differently.
      return BY_ITSELF.has(event.message) ? undefined : page.ui.update({ toast: { text: event.info, isError: true } });
    case "screen-share-started":
    case "screen-share-stopped":
    case "knock-answered":
      return;
  }
}

/** A device is gone; says which one took its place, and lets people choose another. */
function followLostDevice(page: Page, source: "cam-audio" | "cam-video", label: string): void {
  const { toast } = page.language.texts;
  const isMic = source === "cam-audio";
  const menu = isMic ? "mic" : "camera";
  const lost = isMic ? toast.micLost(label) : toast.cameraLost(label);
  const { devices, local } = page.call.state;
  const now = isMic ? devices.mic : devices.camera;
  const isReplaced = local.tracks[source].state === "playable" && now !== null && now.label !== label && now.label !== "";
  const change = { label: toast.change, run: () => page.ui.update({ toast: null, menu }) };
  page.ui.update({ toast: { text: isReplaced ? `${lost} ${toast.nowUsing(now.label)}` : lost, action: change } });
}

function followCameraError(page: Page, error: CameraError): void {
  page.ui.update({ failed: stillFailed(page, error.failed) });
  if (page.ui.value.screen !== "call") return;
  const { toast } = page.language.texts;
  const mic = error.failed["cam-audio"]?.reason;
  const camera = error.failed["cam-video"]?.reason;
  const reason = mic ?? camera;
  if (reason === undefined) return;
  const isMic = mic !== undefined;
  const text = {
    "permission-user": isMic ? toast.micDenied : toast.cameraDenied,
    "permission-browser": isMic ? toast.micDenied : toast.cameraDenied,
    missing: isMic ? toast.micMissing : toast.cameraMissing,
    "in-use": isMic ? toast.micBusy : toast.cameraBusy,
    constraints: isMic ? toast.micFailed : toast.cameraFailed,
    unsupported: isMic ? toast.micFailed : toast.cameraFailed,
    unknown: isMic ? toast.micFailed : toast.cameraFailed,
  }[reason];
  page.ui.update({ toast: { text, isError: true } });
}

/** What failed now or before, and is still not running. */
function stillFailed(page: Page, fresh: CameraError["failed"]): CameraError["failed"] {
  const { tracks } = page.call.state.local;
  const all = Object.entries({ ...page.ui.value.failed, ...fresh });
  return Object.fromEntries(all.filter(([source]) => (source === "cam-audio" || source === "cam-video") && tracks[source].state === "blocked"));
}

/** A person's name, or the word for somebody without one. */
export function nameOf(page: Page, person: Pick<Participant, "userName">): string {
  return person.userName.trim() === "" ? page.language.texts.guest : person.userName;
}
