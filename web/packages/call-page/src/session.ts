/**
 * The way into the call and out of it: which screen stands when, and what is
 * tried again. Screens only draw; they ask here for everything that moves
 * from one to another.
 */
import { CallFailure, type CallError } from "@parlor/browser";
import { readKept, writeKept } from "@parlor/ui";

import { restoreEffects } from "./effects.ts";
import { speakWishedLanguage } from "./language.ts";
import { endingOf, isBrowserAble, lastedSince, type Ending } from "./model/ending.ts";
import { exitTarget } from "./model/exit-target.ts";
import { devicesOff, type DevicesOff, type Page } from "./page.ts";
import { KEPT } from "./ui-state.ts";

/** After this long the button says that it takes long. */
const SLOW_AFTER_MS = 8_000;

/** Asks the server about the room, and goes to pre-join, into the call, or to the page that says why not. */
export async function enter(page: Page): Promise<void> {
  if (!isBrowserAble(window)) return end(page, { kind: "too-old" });
  page.embedded?.begin();
  const { token, url } = page.address;
  try {
    await page.call.preAuth({ url, ...(token === null ? {} : { token }), userName: page.ui.value.name });
  } catch (failure) {
    return endByFailure(page, failure);
  }
  await speakWishedLanguage(page);
  page.ui.update({ ending: null, tries: { count: 0, since: 0 } });
  const isWanted = page.ui.value.wantsIn;
  if (isWanted || !page.isOn("enable_prejoin_ui", true)) return joinCall(page);
  page.ui.update({ screen: "prejoin", joining: "no" });
  await startPreview(page);
}

/** Starts the devices that were used last here, as the room wants them on or off. */
export async function startPreview(page: Page): Promise<void> {
  const { call } = page;
  page.ui.update({ failed: {}, isNoticeDone: false });
  const { startAudioOff, startVideoOff } = page.joinWishes;
  if (startAudioOff ?? page.isOn("start_audio_off", false)) call.setLocalAudio(false);
  if (startVideoOff ?? page.isOn("start_video_off", false)) call.setLocalVideo(false);
  const available = await call.enumerateDevices().catch(() => []);
  const kept = (key: string) => {
    const deviceId = readKept(key);
    return available.some((device) => device.deviceId === deviceId && deviceId !== "") ? { kind: "device" as const, deviceId } : { kind: "default" as const };
  };
  const speaker = kept(KEPT.speaker);
  if (speaker.kind === "device") call.setSpeaker(speaker.deviceId);
  await call.startCamera({ mic: kept(KEPT.mic), camera: kept(KEPT.camera) });
  await restoreEffects(page);
}

/** Tries the devices that did not start once more. */
export function askAgain(page: Page): void {
  const { failed } = page.ui.value;
  page.ui.update({ failed: {}, isNoticeDone: false });
  if (failed["cam-audio"]) page.call.setLocalAudio(true);
  if (failed["cam-video"]) page.call.setLocalVideo(true);
}

/** Goes into the call, as the pre-join page stands. */
export async function joinCall(page: Page): Promise<void> {
  if (page.ui.value.joining !== "no") return;
  const name = page.ui.value.name.trim();
  writeKept(KEPT.name, name);
  page.ui.update({ joining: "yes", wantsIn: true });
  const slow = setTimeout(() => page.ui.update({ joining: "slow" }), SLOW_AFTER_MS);
  const { token, url } = page.address;
  const options = { url, userName: name, ...(token === null ? {} : { token }), ...page.joinWishes, ...startsOff(page) };
  try {
    await page.call.join(options);
  } catch (failure) {
    endByFailure(page, failure);
  } finally {
    clearTimeout(slow);
    page.ui.update({ joining: "no" });
  }
  if (page.call.state.phase === "waiting") await waitAtDoor(page, name);
}

/** Asks to be let in, and waits for the answer on a screen of its own. */
async function waitAtDoor(page: Page, name: string): Promise<void> {
  page.ui.update({ screen: "waiting" });
  const isLetIn = await page.call.requestAccess(name);
  // Whoever stopped waiting is elsewhere by now; whoever lost the server sees that page.
  if (isLetIn || page.ui.value.screen !== "waiting") return;
  const { error } = page.call.state;
  if (error && error.reason !== "not-allowed") endByError(page, error);
  else end(page, { kind: "declined" });
}

/** Goes back from the door to where one can ask again. */
export async function stopWaiting(page: Page): Promise<void> {
  page.ui.update({ screen: "looking", wantsIn: false });
  page.call.leave();
  if (page.isOn("enable_prejoin_ui", true)) return enter(page);
  end(page, { kind: "left" });
}

/** Leaves, and goes where room or token want people to go. */
export function leaveCall(page: Page): void {
  const lasted = lastedSince(page.ui.value.joinedAt, Date.now());
  page.lastOff = devicesOff(page.call.state);
  page.call.leave();
  end(page, { kind: "left", ...lasted });
  goElsewhere(page);
}

/** Tries again after a page that ends or prevents a call. Who had been in goes straight back. */
export async function tryAgain(page: Page): Promise<void> {
  const { tries } = page.ui.value;
  if (page.lastOff !== null) page.ui.update({ wantsIn: true });
  page.ui.update({ tries: { count: tries.count + 1, since: tries.since === 0 ? Date.now() : tries.since } });
  await enter(page);
}

/** What is gone with the call. */
const FORGOTTEN = {
  chat: [],
  chatReactions: new Map(),
  hasHistory: false,
  hands: new Map(),
  reactions: new Map(),
  denied: new Set<string>(),
  captionLog: [],
  screenOf: null,
  mainSpeaker: null,
  isVideoOff: false,
  isRecording: false,
  unread: 0,
  joinedAt: null,
  beganAt: null,
} as const;

/** Shows why there is no call. */
export function end(page: Page, ending: Ending): void {
  const { screen, wantsIn } = page.ui.value;
  const goesOn = ending.kind === "full" || ending.kind === "offline" || ending.kind === "unreachable";
  page.ui.update({
    screen: "ending",
    ending,
    wantsIn: goesOn && wantsIn,
    panel: null,
    menu: null,
    dialog: null,
    toast: null,
    pinned: null,
    ...(screen === "call" ? FORGOTTEN : {}),
  });
}

/** Shows the page for a failure of the call. */
export function endByError(page: Page, error: CallError): void {
  const lasted = lastedSince(page.ui.value.joinedAt, Date.now());
  end(page, { ...endingOf(error, navigator.onLine), ...lasted });
}

function endByFailure(page: Page, failure: unknown): void {
  if (!(failure instanceof CallFailure)) throw failure;
  if (failure.error === null || page.ui.value.screen === "ending" && page.call.state.phase === "joined") return;
  endByError(page, failure.error);
}

/** Which devices stay off: those switched off here, and those that did not start; else as the room says. */
function startsOff(page: Page): DevicesOff | Record<string, never> {
  if (page.ui.value.screen === "prejoin") return devicesOff(page.call.state);
  return page.lastOff ?? {};
}

function goElsewhere(page: Page): void {
  if (page.embedded) return;
  const domain = page.call.state.room?.domainName ?? "";
  const target = exitTarget(page.property("redirect_on_meeting_exit"), { domain, room: page.roomName });
  if (page.isOn("close_tab_on_exit", false)) window.close();
  if (target !== null) location.assign(target);
}
