/** A recording on the person's own computer: its pieces are handed to the application. */
import type { Call, CallEvent, LocalRecordingOptions } from "@parlor/browser";

import type { Channel } from "./channel.ts";

type Piece = Extract<CallEvent, { type: "recording-data" }>;

/** Starts and stops it, and tells the client. */
export class LocalRecorder {
  readonly #call: Call;
  readonly #channel: Channel;
  /** The client's name of each recording that has not ended, by the call's number. A stopped one may end while the next runs. */
  readonly #instances = new Map<number, string>();
  /** The one that runs. */
  #current: number | null = null;
  /** Pieces are read one after the other, so that they arrive in order. */
  #delivery: Promise<void> = Promise.resolve();

  constructor(call: Call, channel: Channel) {
    this.#call = call;
    this.#channel = channel;
  }

  get isRunning(): boolean {
    return this.#current !== null;
  }

  async start(instanceId: string = crypto.randomUUID(), options: LocalRecordingOptions = {}): Promise<void> {
    if (this.#call.state.phase !== "joined") return this.#fail(instanceId, "Join before you record.");
    let recording: number;
    try {
      recording = await this.#call.startLocalRecording(options);
    } catch (cause) {
      return this.#fail(instanceId, messageOf(cause));
    }
    this.#instances.set(recording, instanceId);
    this.#current = recording;
    this.#channel.send("recording-started", { local: true, type: "local", instanceId, startedBy: this.#call.state.local.id });
  }

  stop(): void {
    this.#current = null;
    this.#call.stopLocalRecording();
  }

  /** Hands on what the call tells of a recording, whether the call goes on or not. */
  follow(event: CallEvent): void {
    if (event.type === "recording-data") this.#take(event);
    if (event.type !== "recording-failed") return;
    const instanceId = this.#end(event.recording);
    if (instanceId !== undefined) this.#fail(instanceId, event.info);
  }

  /** With the last piece the recording is over. */
  #take(piece: Piece): void {
    const instanceId = piece.isLast ? this.#end(piece.recording) : this.#instances.get(piece.recording);
    if (instanceId === undefined) return;
    this.#delivery = this.#delivery.then(() => this.#deliver(instanceId, piece));
  }

  async #deliver(instanceId: string, { data, isLast }: Piece): Promise<void> {
    try {
      this.#channel.send("recording-data", { data: new Uint8Array(await data.arrayBuffer()), finished: isLast });
    } catch (cause) {
      // The file has a gap, of which the application should know; what follows is delivered all the same.
      this.#fail(instanceId, messageOf(cause));
    }
    if (isLast) this.#channel.send("recording-stopped", { instanceId });
  }

  #end(recording: number): string | undefined {
    const instanceId = this.#instances.get(recording);
    this.#instances.delete(recording);
    if (this.#current === recording) this.#current = null;
    return instanceId;
  }

  #fail(instanceId: string, errorMsg: string): void {
    this.#channel.send("recording-error", { instanceId, errorMsg });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
