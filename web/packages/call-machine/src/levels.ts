/** The two audio level observers. */
import type { Call } from "@parlor/browser";

import type { Channel } from "./channel.ts";

const DEFAULT_INTERVAL_MS = 200;
const MIN_INTERVAL_MS = 100;

/** Runs one measurement at an interval, as long as somebody wants it. */
class Observer {
  readonly #measure: () => void;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(measure: () => void) {
    this.#measure = measure;
  }

  start(interval: unknown): void {
    this.stop();
    const ms = typeof interval === "number" ? Math.max(MIN_INTERVAL_MS, interval) : DEFAULT_INTERVAL_MS;
    this.#timer = setInterval(this.#measure, ms);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** Tells the client how loud it and the others are. */
export class LevelObservers {
  readonly local: Observer;
  readonly remote: Observer;

  constructor(call: Call, channel: Channel) {
    this.local = new Observer(() => channel.send("local-audio-level", { audioLevel: call.localAudioLevel() }));
    this.remote = new Observer(() => void sendRemote(call, channel));
  }

  stop(): void {
    this.local.stop();
    this.remote.stop();
  }
}

async function sendRemote(call: Call, channel: Channel): Promise<void> {
  if (call.state.phase !== "joined") return;
  channel.send("remote-participants-audio-level", { participantsAudioLevel: await call.remoteAudioLevels() });
}
