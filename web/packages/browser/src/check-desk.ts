/** Runs checks, one of each kind at a time, and ends them. */
import type { Intent } from "@parlor/engine";

import { checkConnection, checkQuality, type CheckKind, type CheckOptions, type CheckResult, type QualityCheckOptions, type QualityCheckOutcome } from "./checks.ts";
import { intentOf } from "./intent.ts";
import type { Runner } from "./runner.ts";

/** The checks of one call object. */
export class CheckDesk {
  readonly #runner: Runner;
  readonly #running = new Map<CheckKind, AbortController>();

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  /** Whether a connection comes about. */
  connection(kind: "websocket" | "network", options: CheckOptions): Promise<CheckResult> {
    return this.#run(kind, options, (intent, signal) => checkConnection(this.#runner.sibling(), kind, intent, signal), "failed");
  }

  /** How good a call would be, with what one would send. */
  quality(options: QualityCheckOptions): Promise<QualityCheckOutcome> {
    const own = (["cam-video", "cam-audio"] as const).flatMap((source) => this.#runner.capture.track(source) ?? []);
    return this.#run("quality", options, (intent, signal) => checkQuality(this.#runner.sibling(), intent, options.tracks ?? own, options, signal), NO_QUALITY);
  }

  /** Ends those of a kind, or all. */
  abort(kind?: CheckKind): void {
    for (const [name, check] of this.#running) if (kind === undefined || kind === name) check.abort();
  }

  async #run<T>(kind: CheckKind, { url, token }: CheckOptions, check: (intent: Intent, signal: AbortSignal) => Promise<T>, failed: T): Promise<T> {
    const intent = url === undefined ? this.#runner.engine.intent : intentOf({ url, ...(token === undefined ? {} : { token }) });
    if (!intent) return failed;
    // A new check takes the place of the old.
    this.#running.get(kind)?.abort();
    const controller = new AbortController();
    this.#running.set(kind, controller);
    try {
      return await check(intent, controller.signal);
    } finally {
      if (this.#running.get(kind) === controller) this.#running.delete(kind);
    }
  }
}

const NO_QUALITY: QualityCheckOutcome = {
  result: "failed",
  data: { maxRoundTripSecs: null, averageRoundTripSecs: null, averageSendLoss: null, averageAvailableSendBps: null, averageSendBps: null },
  secondsElapsed: 0,
  info: "Say first which room: check access, or give its address.",
};
