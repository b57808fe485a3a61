/** The engine's timers, by name. */
import type { TimerName } from "@parlor/engine";

/** Timers of one call. */
export class Timers {
  readonly #running = new Map<TimerName, ReturnType<typeof setTimeout>>();
  readonly #fire: (timer: TimerName) => void;

  constructor(fire: (timer: TimerName) => void) {
    this.#fire = fire;
  }

  /** Starts, or starts anew. */
  start(timer: TimerName, ms: number): void {
    this.stop(timer);
    const handle = setTimeout(() => {
      this.#running.delete(timer);
      this.#fire(timer);
    }, ms);
    this.#running.set(timer, handle);
  }

  stop(timer: TimerName): void {
    clearTimeout(this.#running.get(timer));
    this.#running.delete(timer);
  }
}
