/** A recording on the person's own computer: its pieces are handed to the application. */
import type { Call, LocalRecordingOptions } from "@parlor/browser";

import type { Channel } from "./channel.ts";

/** Starts and stops it, and tells the client. */
export class LocalRecorder {
  readonly #call: Call;
  readonly #channel: Channel;
  #instance: string | null = null;
  /** Pieces are read one after the other, so that they arrive in order. */
  #delivery: Promise<void> = Promise.resolve();

  constructor(call: Call, channel: Channel) {
    this.#call = call;
    this.#channel = channel;
  }

  get isRunning(): boolean {
    return this.#instance !== null;
  }

  async start(instanceId: string = crypto.randomUUID(), options: LocalRecordingOptions = {}): Promise<void> {
    if (this.#call.state.phase !== "joined") return this.#fail(instanceId, "Join before you record.");
    try {
      await this.#call.startLocalRecording(options);
    } catch (cause) {
      return this.#fail(instanceId, cause instanceof Error ? cause.message : String(cause));
    }
    this.#instance = instanceId;
    this.#channel.send("recording-started", { local: true, type: "local", instanceId, startedBy: this.#call.state.local.id });
  }

  stop(): void {
    this.#call.stopLocalRecording();
  }

  /** Hands on a piece; with the last one the recording is over. */
  take(data: Blob, isLast: boolean): void {
    const instanceId = this.#instance;
    if (instanceId === null) return;
    if (isLast) this.#instance = null;
    this.#delivery = this.#delivery.then(async () => {
      this.#channel.send("recording-data", { data: new Uint8Array(await data.arrayBuffer()), finished: isLast });
      if (isLast) this.#channel.send("recording-stopped", { instanceId });
    });
  }

  /** It ended by a fault. */
  fail(info: string): void {
    const instanceId = this.#instance;
    this.#instance = null;
    if (instanceId !== null) this.#fail(instanceId, info);
  }

  #fail(instanceId: string, errorMsg: string): void {
    this.#channel.send("recording-error", { instanceId, errorMsg });
  }
}
