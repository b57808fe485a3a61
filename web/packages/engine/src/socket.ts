/** The call socket: opening, losing and getting it back, and its heartbeat. */
import { PING_INTERVAL_MS } from "@parlor/protocol";

import { fail } from "./ending.ts";
import { rejoin } from "./lifecycle.ts";
import { restartMedia, sendHeldOffer } from "./peer.ts";
import type { Turn } from "./turn.ts";

/**
 * How long a lost call is tried again. More rides out longer tunnels; less
 * gives people the page with "Try now" sooner.
 */
const RECONNECT_MS = 20_000;
/** Pauses between tries; the last one repeats. The first is at once. */
const RETRY_MS = [0, 300, 700, 1_000, 1_000] as const;
/** How long the room may take to answer after the network changed, before its socket counts as dead. */
const CHANGED_MS = 2_000;
/** Pings without any word from the room before the socket counts as dead. */
const MAX_UNANSWERED_PINGS = 2;

/** The socket is open: say who we are. */
export function handleSocketOpened(turn: Turn, socket: number): void {
  const { link, call, intent } = turn.engine;
  if (link.step === "entering" && link.socket === socket) {
    turn.set({ link: { ...link, isOpen: true } });
    const data = intent?.userData === undefined ? {} : { user_data: intent.userData };
    turn.run({ type: "send", socket, message: { type: "hello", ticket: link.ticket, ...data } });
    sendHeldOffer(turn, socket);
  } else if (link.step === "resuming" && link.socket === socket) {
    turn.run({ type: "send", socket, message: { type: "resume", participant: call.local.id, secret: link.secret } });
  }
}

/** The socket is gone without a word. */
export function handleSocketClosed(turn: Turn, socket: number): void {
  const { link } = turn.engine;
  if (!("socket" in link) || link.socket !== socket) return;
  switch (link.step) {
    case "entering":
      if (link.isRejoin) {
        turn.set({ link: { step: "lookup", purpose: "rejoin", request: turn.takeId() } });
        turn.startTimer("retry", RETRY_MS[3]);
      } else {
        fail(turn, { reason: "connection-error", info: "The connection to the call was closed.", during: "join" });
      }
      break;
    case "in":
      lose(turn, link.callUrl, link.secret);
      break;
    case "resuming":
      retryLater(turn, link.callUrl, link.secret, link.attempt + 1);
      break;
    default:
      link satisfies never;
  }
}

function lose(turn: Turn, callUrl: string, secret: string): void {
  turn.stopTimer("ping");
  turn.startTimer("reconnect", RECONNECT_MS);
  setSignalling(turn, "interrupted");
  retryLater(turn, callUrl, secret, 0);
}

function retryLater(turn: Turn, callUrl: string, secret: string, attempt: number): void {
  turn.set({ link: { step: "lost", callUrl, secret, attempt } });
  turn.startTimer("retry", RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0);
}

/** Time for the next try, or the browser says that there is a network again. */
export function retry(turn: Turn): void {
  const { link, intent } = turn.engine;
  if (link.step === "lookup" && link.purpose === "rejoin") {
    rejoin(turn);
  } else if (link.step === "lost" && intent) {
    const socket = turn.takeId();
    turn.stopTimer("retry");
    turn.set({ link: { step: "resuming", callUrl: link.callUrl, secret: link.secret, socket, attempt: link.attempt } });
    turn.run({ type: "open-socket", socket, server: intent.server, callUrl: link.callUrl });
  }
}

/** The call could not be got back in time. */
export function handleReconnectTimeout(turn: Turn): void {
  if (turn.engine.call.network.signalling !== "interrupted") return;
  fail(turn, { reason: "connection-error", info: "The connection to the call was lost.", during: "reconnect" });
}

/** Another network: what runs over the old one may be dead without a sign, so look sooner, and find media a new way. */
export function handleNetworkChanged(turn: Turn): void {
  const { link, unansweredPings } = turn.engine;
  if (link.step !== "in") return retry(turn);
  turn.set({ unansweredPings: Math.max(unansweredPings, MAX_UNANSWERED_PINGS) });
  turn.say({ type: "ping" });
  turn.startTimer("ping", CHANGED_MS);
  restartMedia(turn);
}

/** Time to ask whether the room is still there. */
export function handlePingTimer(turn: Turn): void {
  const { link, unansweredPings } = turn.engine;
  if (link.step !== "in") return;
  if (unansweredPings >= MAX_UNANSWERED_PINGS) {
    turn.run({ type: "close-socket", socket: link.socket });
    lose(turn, link.callUrl, link.secret);
    return;
  }
  turn.set({ unansweredPings: unansweredPings + 1 });
  turn.say({ type: "ping" });
  turn.startTimer("ping", PING_INTERVAL_MS);
}

/** The stay runs on this socket from now on. */
export function settleSocket(turn: Turn, secret: string): void {
  const { link, outbox } = turn.engine;
  if (link.step !== "entering" && link.step !== "resuming" && link.step !== "in") return;
  for (const timer of ["join", "retry", "reconnect"] as const) turn.stopTimer(timer);
  turn.set({ link: { step: "in", callUrl: link.callUrl, socket: link.socket, secret }, outbox: [], unansweredPings: 0 });
  turn.startTimer("ping", PING_INTERVAL_MS);
  setSignalling(turn, "connected");
  for (const message of outbox) turn.say(message);
}

function setSignalling(turn: Turn, signalling: "connected" | "interrupted"): void {
  turn.setCall({ network: { ...turn.engine.call.network, signalling } });
}
