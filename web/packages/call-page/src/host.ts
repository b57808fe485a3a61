/** What hosts do with others: mute, stop video, ask, remove, make host, end. */
import type { Participant } from "@parlor/engine";

import { isHost, isListener } from "./abilities.ts";
import { lowerHand } from "./gestures.ts";
import { isOffered } from "./model/sharers.ts";
import { formatSignal } from "./model/signal.ts";
import { isSent, type Page } from "./page.ts";
import { leaveCall } from "./session.ts";

/** Something a host may do with somebody now. */
export type HostAct = "mute" | "ask-unmute" | "stop-video" | "ask-video" | "stop-share" | "lower-hand" | "make-host" | "unmake-host" | "let-speak" | "no-longer-speak" | "remove";

/** What a host may do with somebody, in the order of the menu. Owners stay owners: that is their token's say. */
export function hostActs(person: Participant, look: { readonly isHandUp: boolean }): HostAct[] {
  const isSending = (source: "cam-audio" | "cam-video" | "screen-video") => isOffered(person.tracks[source]);
  const isAudience = isListener(person);
  const acts: (HostAct | false)[] = [
    !isAudience && (isSending("cam-audio") ? "mute" : "ask-unmute"),
    !isAudience && (isSending("cam-video") ? "stop-video" : "ask-video"),
    isSending("screen-video") && "stop-share",
    look.isHandUp && "lower-hand",
    isAudience && "let-speak",
    !isAudience && !isHost(person) && "no-longer-speak",
    !isHost(person) && "make-host",
    isHost(person) && !person.isOwner && "unmake-host",
    !person.isOwner && "remove",
  ];
  return acts.filter((act) => act !== false);
}

/** Does it. What somebody is only asked for is theirs to do. */
export function actAsHost(page: Page, id: string, act: HostAct): void {
  const { call } = page;
  switch (act) {
    case "mute":
      return call.updateParticipant(id, { audio: false });
    case "stop-video":
      return call.updateParticipant(id, { video: false });
    case "stop-share":
      return call.updateParticipant(id, { screenShare: false });
    case "ask-unmute":
      return call.sendAppMessage(formatSignal({ kind: "ask", what: "unmute" }), [id]);
    case "ask-video":
      return call.sendAppMessage(formatSignal({ kind: "ask", what: "start-video" }), [id]);
    case "lower-hand":
      return lowerHand(page, id);
    case "make-host":
      return call.updateParticipant(id, { permissions: { canAdmin: ["participants"] } });
    case "unmake-host":
      return call.updateParticipant(id, { permissions: { canAdmin: false } });
    case "let-speak":
      return call.updateParticipant(id, { permissions: { canSend: true } });
    case "no-longer-speak":
      return call.updateParticipant(id, { permissions: { canSend: false } });
    case "remove":
      return page.ui.update({ dialog: `remove:${id}` });
  }
}

/** Mutes everybody else. */
export function muteAll(page: Page): void {
  page.call.updateParticipant("*", { audio: false });
  page.say(page.language.texts.people.mutedAll);
}

/** Removes somebody. */
export function remove(page: Page, id: string): void {
  page.call.updateParticipant(id, { eject: true });
  page.ui.update({ dialog: null });
}

/** Ends the call for everybody, oneself last. */
export function endForAll(page: Page): void {
  page.call.updateParticipant("*", { eject: true });
  leaveCall(page);
}

/** Takes what a host asks of oneself: it is one's own to do. */
export function receiveAsk(page: Page, from: string, what: "unmute" | "start-video"): void {
  const host = page.call.state.participants.get(from);
  if (!host || !isHost(host)) return;
  const { asked, dock } = page.language.texts;
  const isUnmute = what === "unmute";
  if (isSent(page.call.state.local.tracks[isUnmute ? "cam-audio" : "cam-video"].state)) return;
  const name = host.userName || asked.host;
  const doIt = () => {
    page.ui.update({ toast: null });
    if (isUnmute) page.call.setLocalAudio(true);
    else page.call.setLocalVideo(true);
  };
  const text = isUnmute ? asked.unmute(name) : asked.startVideo(name);
  page.ui.update({ toast: { text, isError: true, action: { label: isUnmute ? dock.unmute : dock.startVideo, run: doIt } } });
}

/** Says what a host, or an application of theirs, switched on oneself. */
export function followMediaRequest(page: Page, request: { readonly source: string; readonly isOn: boolean; readonly by: string }): void {
  const { asked, dock } = page.language.texts;
  const name = page.call.state.participants.get(request.by)?.userName || asked.host;
  const undo = (label: string, run: () => void) => ({
    label,
    run: () => {
      page.ui.update({ toast: null });
      run();
    },
  });
  switch (request.source) {
    case "cam-audio":
      return page.ui.update({ toast: request.isOn ? { text: asked.unmuted(name), action: undo(dock.mute, () => page.call.setLocalAudio(false)) } : { text: asked.muted(name) } });
    case "cam-video":
      return page.ui.update({ toast: request.isOn ? { text: asked.startedVideo(name), action: undo(dock.stopVideo, () => page.call.setLocalVideo(false)) } : { text: asked.stoppedVideo(name) } });
    default:
      return request.isOn ? undefined : page.ui.update({ toast: { text: asked.stoppedShare(name) } });
  }
}
