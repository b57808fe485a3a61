/**
 * One turn of the engine: the state as far as it has come, and the effects so
 * far. Only `reduce` makes one; seen from outside, a turn is a pure function.
 */
import type { ClientMessage } from "@parlor/protocol";

import type { Effect } from "./effect.ts";
import type { Engine } from "./engine.ts";
import type { TimerName } from "./event.ts";
import type { CallEvent, CallState } from "./state.ts";

/** Most messages kept for the next socket; the oldest give way. */
const MAX_OUTBOX = 64;

/** State and effects in the making. */
export class Turn {
  engine: Engine;
  readonly effects: Effect[] = [];

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Changes what the engine remembers. */
  set(patch: Partial<Engine>): void {
    this.engine = { ...this.engine, ...patch };
  }

  /** Changes the public state. */
  setCall(patch: Partial<CallState>): void {
    this.set({ call: { ...this.engine.call, ...patch } });
  }

  /** Wants something done. */
  run(effect: Effect): void {
    this.effects.push(effect);
  }

  /** Tells the users of the call. */
  emit(event: CallEvent): void {
    this.run({ type: "emit", event });
  }

  startTimer(timer: TimerName, ms: number): void {
    this.run({ type: "start-timer", timer, ms });
  }

  stopTimer(timer: TimerName): void {
    this.run({ type: "stop-timer", timer });
  }

  /** A number never given before. */
  takeId(): number {
    const id = this.engine.nextId;
    this.set({ nextId: id + 1 });
    return id;
  }

  /** Sends to the room; while the socket is lost, keeps for the next one. */
  say(message: ClientMessage): void {
    const { link, outbox } = this.engine;
    if (link.step === "in") {
      this.run({ type: "send", socket: link.socket, message });
    } else if (link.step === "lost" || link.step === "resuming") {
      this.set({ outbox: [...outbox, message].slice(-MAX_OUTBOX) });
    }
  }
}
