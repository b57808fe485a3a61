/** The way in: look-up, entering, devices, joined. */
import type { JoinAnswer, JoinRequest } from "@parlor/protocol";

import { closePeer, fail } from "./ending.ts";
import { isInRoom, NOTHING_TOLD, type Intent } from "./engine.ts";
import { captureMissing } from "./media.ts";
import { openPeer } from "./peer.ts";
import { CAM_SOURCES } from "./source.ts";
import type { CallError, Phase } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * How long joining may take, without the time at a device prompt. More lets
 * slow networks in; less tells people sooner that something is wrong.
 */
const JOIN_TIMEOUT_MS = 20_000;
/** Pause before a failed look-up of a rejoin is repeated. */
const REJOIN_RETRY_MS = 1_000;

/** Asks whether one may join, without joining. */
export function preAuth(turn: Turn, intent: Intent): void {
  const { phase } = turn.engine.call;
  if (isUnderWay(phase)) return;
  turn.set({ intent });
  beginAnew(turn);
  lookUp(turn, "pre-auth");
}

function isUnderWay(phase: Phase): boolean {
  return phase === "joining" || phase === "waiting" || phase === "joined";
}

/** A call that ended is history once something new is asked for. */
function beginAnew(turn: Turn): void {
  const { phase } = turn.engine.call;
  if (phase === "left" || phase === "failed") turn.setCall({ phase: "idle", error: null });
}

/** Starts the devices before or without joining. */
export function startCamera(turn: Turn): void {
  const { phase } = turn.engine.call;
  // What applied in a call that is over says nothing about the next.
  if (phase === "left" || phase === "failed") turn.setCall({ room: null, effective: null });
  beginAnew(turn);
  turn.set({ isCapturing: true });
  captureMissing(turn);
}

/** Begins to join. While a call runs, the wish is dropped. */
export function join(turn: Turn, intent: Intent): void {
  const { phase } = turn.engine.call;
  if (isUnderWay(phase)) return;
  turn.set({ intent });
  turn.setCall({ phase: "joining", error: null });
  turn.startTimer("join", JOIN_TIMEOUT_MS);
  lookUp(turn, "join");
}

/** Enters anew after a stay could not be resumed, or tries that again. */
export function rejoin(turn: Turn): void {
  closePeer(turn);
  lookUp(turn, "rejoin");
}

function lookUp(turn: Turn, purpose: "pre-auth" | "join" | "rejoin"): void {
  const { intent } = turn.engine;
  if (!intent) return;
  const request = turn.takeId();
  turn.set({ link: { step: "lookup", purpose, request } });
  turn.run({ type: "request-join", request, server: intent.server, body: requestBody(intent, purpose === "rejoin" ? turn.engine.pass : null) });
}

function requestBody(intent: Intent, pass: string | null): JoinRequest {
  return {
    room: intent.room,
    ...(intent.token === undefined ? {} : { token: intent.token }),
    ...(intent.userName === undefined ? {} : { user_name: intent.userName }),
    ...(intent.purpose === undefined ? {} : { purpose: intent.purpose }),
    ...(pass === null ? {} : { pass }),
  };
}

/** The server lets us in. */
export function handleJoinAnswer(turn: Turn, request: number, answer: JoinAnswer): void {
  const { link, intent } = turn.engine;
  if (link.step !== "lookup" || link.request !== request || !intent) return;
  turn.setCall({ room: answer.room, effective: answer.effective, access: answer.effective.access });
  if (link.purpose === "pre-auth") {
    turn.set({ link: { step: "none" } });
    return;
  }
  turn.run({ type: "report-as", server: intent.server, pass: answer.log_pass, isTerse: answer.effective.properties["enable_terse_logging"] === true });
  turn.stopTimer("wishes");
  turn.set({ pass: answer.log_pass, iceServers: answer.ice_servers, told: NOTHING_TOLD, telling: "free" });
  const socket = turn.takeId();
  const isRejoin = link.purpose === "rejoin";
  turn.set({ link: { step: "entering", callUrl: answer.call_url, ticket: answer.ticket, socket, isOpen: false, isRejoin } });
  turn.run({ type: "open-socket", socket, server: intent.server, callUrl: answer.call_url });
  // In the lobby nothing is sent, and it may be long.
  if (answer.effective.access === "full") openPeer(turn);
  if (!isRejoin) startDevices(turn, intent);
}

/** Devices begin as the joiner says, else as they are, else as room and token say. */
function startDevices(turn: Turn, intent: Intent): void {
  const properties = turn.engine.call.effective?.properties ?? {};
  const startsOff = {
    "cam-audio": intent.startAudioOff ?? properties["start_audio_off"],
    "cam-video": intent.startVideoOff ?? properties["start_video_off"],
  };
  const isExplicit = {
    "cam-audio": intent.startAudioOff !== undefined,
    "cam-video": intent.startVideoOff !== undefined,
  };
  const media = { ...turn.engine.media };
  for (const source of CAM_SOURCES) {
    const track = media[source];
    const isUntouched = track.by === "default" && track.capture.step === "none";
    if (isExplicit[source] || isUntouched) media[source] = { ...track, wanted: startsOff[source] !== true };
  }
  turn.set({ media, isCapturing: true });
  captureMissing(turn);
}

/** The server does not let us in. */
export function handleJoinRefusal(turn: Turn, request: number, refusal: Pick<CallError, "reason" | "info" | "opensAt">): void {
  const { link } = turn.engine;
  if (link.step !== "lookup" || link.request !== request) return;
  fail(turn, { ...refusal, during: link.purpose === "rejoin" ? "reconnect" : "join" });
}

/** The server cannot be reached. A rejoin tries again until its time is over. */
export function handleJoinFailure(turn: Turn, request: number, info: string): void {
  const { link } = turn.engine;
  if (link.step !== "lookup" || link.request !== request) return;
  if (link.purpose === "rejoin") {
    turn.startTimer("retry", REJOIN_RETRY_MS);
    return;
  }
  fail(turn, { reason: "connection-error", info, during: "room-lookup" });
}

/** Joining took too long. */
export function handleJoinTimeout(turn: Turn): void {
  if (turn.engine.call.phase !== "joining" || turn.engine.self) return;
  fail(turn, { reason: "connection-error", info: "The server did not answer in time.", during: "join" });
}

/** Welcomed, or let into the lobby, and the devices have settled: that is joined, or waiting. */
export function settleJoin(turn: Turn): void {
  const { call, self, media } = turn.engine;
  if (!self || (call.phase !== "joining" && call.phase !== "waiting")) return;
  const waits = CAM_SOURCES.some((source) => media[source].capture.step === "starting");
  if (!waits) turn.setCall({ phase: isInRoom(turn.engine) ? "joined" : "waiting" });
}
