/**
 * The engine's one door: what is, and what happens, give what is next and
 * what to do. No clock, no randomness, no browser.
 */
import type { Step } from "./effect.ts";
import { fail, leave } from "./ending.ts";
import { startCustom, stopCustom } from "./custom.ts";
import type { Engine } from "./engine.ts";
import type { Command, EngineEvent, Fact, TimerName } from "./event.ts";
import { handleJoinAnswer, handleJoinFailure, handleJoinRefusal, handleJoinTimeout, join, preAuth, settleJoin, startCamera } from "./lifecycle.ts";
import { answerKnocks, requestAccess } from "./lobby.ts";
import { dropForbidden, handleCaptureEnded } from "./loss.ts";
import { handleCaptured, recapture, setWanted } from "./media.ts";
import { handleMessage } from "./message.ts";
import { attachTracks, handleIceTimer, handleNegotiationFailure, handleOfferCreated, handleOfferTimer, handlePeerState, restartMedia } from "./peer.ts";
import { project } from "./project.ts";
import { handlePublishTimer, publishTracks } from "./publish.ts";
import { handleScreenCaptured, handleScreenRefused, startScreen, stopScreen, updateScreen } from "./screen.ts";
import { handleMuteTimer, handleSlotMuted, handleSlotUnmuted } from "./slots.ts";
import { handleNetworkChanged, handlePingTimer, handleReconnectTimeout, handleSocketClosed, handleSocketOpened, retry } from "./socket.ts";
import { handleWishesTimer, tellRoom } from "./told.ts";
import type { Device } from "./state.ts";
import { Turn } from "./turn.ts";
import { sendAppMessage, setSessionData, setUserData, setUserName, subscribeTo, updateParticipants } from "./wishes.ts";

/** One turn. */
export function reduce(engine: Engine, event: EngineEvent): Step<Engine> {
  const turn = new Turn(engine);
  dispatch(turn, event);
  dropForbidden(turn);
  attachTracks(turn);
  publishTracks(turn);
  tellRoom(turn);
  settleJoin(turn);
  turn.set({ call: project(turn.engine) });
  return { state: turn.engine, effects: turn.effects };
}

function dispatch(turn: Turn, event: EngineEvent): void {
  if (isCommand(event)) handleCommand(turn, event);
  else handleFact(turn, event);
}

const COMMANDS: ReadonlySet<string> = new Set<Command["type"]>([
  "pre-auth",
  "join",
  "give-up",
  "start-camera",
  "leave",
  "set-wanted",
  "recapture",
  "set-speaker",
  "start-screen",
  "stop-screen",
  "update-screen",
  "start-custom",
  "stop-custom",
  "request-access",
  "answer-knocks",
  "update-participants",
  "set-video-wishes",
  "set-recording",
  "restart-media",
  "send-app-message",
  "set-session-data",
  "set-user-name",
  "set-user-data",
  "subscribe-to-all",
  "subscribe-to",
]);

function isCommand(event: EngineEvent): event is Command {
  return COMMANDS.has(event.type);
}

function handleCommand(turn: Turn, command: Command): void {
  switch (command.type) {
    case "pre-auth":
      return preAuth(turn, command.intent);
    case "join":
      return join(turn, command.intent);
    case "give-up":
      return fail(turn, command.error);
    case "start-camera":
      return startCamera(turn);
    case "leave":
      return leave(turn);
    case "set-wanted":
      return setWanted(turn, command.source, command.wanted, command.by);
    case "recapture":
      return recapture(turn, command.sources);
    case "set-speaker":
      return setSpeaker(turn, command.deviceId);
    case "start-screen":
      return startScreen(turn);
    case "stop-screen":
      return stopScreen(turn);
    case "update-screen":
      return updateScreen(turn, command);
    case "start-custom":
      return startCustom(turn, command.source, command.trackId);
    case "stop-custom":
      return stopCustom(turn, command.source);
    case "request-access":
      return requestAccess(turn, command.name, command.now);
    case "answer-knocks":
      return answerKnocks(turn, command.everybody, command.participants);
    case "update-participants":
      return updateParticipants(turn, command);
    case "set-video-wishes":
      return turn.set({ wishes: command.wishes });
    case "set-recording":
      return turn.set({ isRecording: command.isRecording });
    case "restart-media":
      return restartMedia(turn);
    case "send-app-message":
      return sendAppMessage(turn, command.to, command.data);
    case "set-session-data":
      return setSessionData(turn, command);
    case "set-user-name":
      return setUserName(turn, command.name);
    case "set-user-data":
      return setUserData(turn, command.data);
    case "subscribe-to-all":
      return turn.setCall({ subscriptions: { ...turn.engine.call.subscriptions, all: command.subscription } });
    case "subscribe-to":
      return subscribeTo(turn, command.participant, command.subscription);
    default:
      command satisfies never;
  }
}

function handleFact(turn: Turn, fact: Fact): void {
  switch (fact.type) {
    case "join-answered":
      return handleJoinAnswer(turn, fact.request, fact.answer);
    case "join-refused":
      return handleJoinRefusal(turn, fact.request, fact.error);
    case "join-failed":
      return handleJoinFailure(turn, fact.request, fact.info);
    case "socket-opened":
      return handleSocketOpened(turn, fact.socket);
    case "socket-message":
      return handleMessage(turn, fact.socket, fact.message);
    case "socket-closed":
      return handleSocketClosed(turn, fact.socket);
    case "network-changed":
      return handleNetworkChanged(turn);
    case "offer-created":
      return handleOfferCreated(turn, fact.peer, fact.sdp, fact.sends, fact.slots);
    case "negotiation-failed":
      return handleNegotiationFailure(turn, fact.peer, fact.info);
    case "peer-state":
      return handlePeerState(turn, fact.peer, fact.state);
    case "slot-muted":
      return turn.engine.peer?.id === fact.peer ? handleSlotMuted(turn, fact.mid) : undefined;
    case "slot-unmuted":
      return turn.engine.peer?.id === fact.peer ? handleSlotUnmuted(turn, fact.mid) : undefined;
    case "captured":
      return fact.results["screen-video"] ? handleScreenCaptured(turn, fact.capture, fact.results) : handleCaptured(turn, fact.capture, fact.results);
    case "screen-refused":
      return handleScreenRefused(turn, fact.capture, fact.reason, fact.info);
    case "capture-ended":
      return handleCaptureEnded(turn, fact.source, fact.trackId);
    case "devices-listed":
      return listDevices(turn, fact.devices);
    case "quality-measured":
      return turn.setCall({ network: { ...turn.engine.call.network, quality: fact.quality } });
    case "load-measured":
      return turn.setCall({ cpuLoad: fact.load, cpuLoadReason: fact.reason });
    case "timer-fired":
      return handleTimer(turn, fact.timer);
    default:
      fact satisfies never;
  }
}

function handleTimer(turn: Turn, timer: TimerName): void {
  switch (timer) {
    case "join":
      return handleJoinTimeout(turn);
    case "ping":
      return handlePingTimer(turn);
    case "retry":
      return retry(turn);
    case "reconnect":
      return handleReconnectTimeout(turn);
    case "ice":
      return handleIceTimer(turn);
    case "offer":
      return handleOfferTimer(turn);
    case "publish":
      return handlePublishTimer(turn);
    case "wishes":
      return handleWishesTimer(turn);
    default:
      return handleMuteTimer(turn, timer.slice("mute:".length));
  }
}

/** A speaker that is gone gives way to the browser's default. */
function listDevices(turn: Turn, available: readonly Device[]): void {
  const { devices } = turn.engine.call;
  const isThere = available.some(({ kind, deviceId }) => kind === "audiooutput" && deviceId === devices.speaker?.deviceId);
  turn.setCall({ devices: { ...devices, available, speaker: isThere ? devices.speaker : null } });
}

function setSpeaker(turn: Turn, deviceId: string): void {
  const { devices } = turn.engine.call;
  const speaker = devices.available.find((device) => device.kind === "audiooutput" && device.deviceId === deviceId) ?? null;
  turn.setCall({ devices: { ...devices, speaker } });
}
