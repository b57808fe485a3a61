/**
 * Input, send and receive settings: kept and given back whole, as the client
 * expects. Devices in the input settings act; layers are the server's choice.
 */
import { isRecord, recordOf } from "./message.ts";

type Settings = Record<string, unknown>;

const DEFAULT_PROCESSOR = { type: "none", _isDefaultWhenNone: true };
const DEFAULT_RECEIVE: Settings = { base: { video: { layer: 2 }, screenVideo: { layer: 2 } } };
const DEFAULT_SEND: Settings = { video: "default-video", screenVideo: "default-screen-video" };

/** The three sets of one client. */
export class ClientSettings {
  input: Settings = { video: { processor: DEFAULT_PROCESSOR }, audio: { processor: DEFAULT_PROCESSOR } };
  send: Settings = DEFAULT_SEND;
  receive: Settings = DEFAULT_RECEIVE;

  /** Takes what a join or start message brings along. */
  takeInitial(properties: Settings, preloadCache: Settings): void {
    this.mergeInput(preloadCache["inputSettings"] ?? properties["inputSettings"]);
    this.mergeSend(preloadCache["sendSettings"] ?? properties["sendSettings"]);
    this.mergeReceive(properties["receiveSettings"]);
  }

  mergeInput(change: unknown): void {
    const next = { ...this.input };
    for (const [kind, value] of Object.entries(recordOf(change))) next[kind] = { ...recordOf(next[kind]), ...recordOf(value) };
    this.input = next;
  }

  mergeSend(change: unknown): void {
    this.send = { ...this.send, ...recordOf(change) };
  }

  /** Per participant; `'inherit'` takes a participant's own settings away. */
  mergeReceive(change: unknown): void {
    const next = { ...this.receive };
    for (const [id, value] of Object.entries(recordOf(change))) {
      if (isRecord(value)) next[id] = { ...recordOf(next[id]), ...value };
      else if (value === "inherit") delete next[id];
    }
    this.receive = next;
  }

  receiveOf(id: string, showsInherited: boolean): Settings {
    const own = recordOf(this.receive[id]);
    return showsInherited ? { ...recordOf(this.receive["base"]), ...own } : own;
  }
}
