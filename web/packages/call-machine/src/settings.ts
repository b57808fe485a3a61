/**
 * Input, send and receive settings, and the language: kept and given back
 * whole, as the client expects. What of them acts is the caller's to do.
 */
import { PLACEHOLDER } from "./app-tracks.ts";
import { chooseLanguage, type LanguageChoice } from "./language.ts";
import { isRecord, recordOf } from "./message.ts";
import { DEFAULT_RECEIVE, mergeReceive, type ReceiveSettings } from "./receive-settings.ts";
import { legacyVideoSettings } from "./send-settings.ts";

type Settings = Record<string, unknown>;

/** A processor that nobody asked for; the client hides it. */
const DEFAULT_PROCESSOR = { type: "none", _isDefaultWhenNone: true };
const DEFAULT_SEND: Settings = { video: "default-video", screenVideo: "default-screen-video" };

/** The sets of one client. */
export class ClientSettings {
  input: Settings = { video: { processor: DEFAULT_PROCESSOR }, audio: { processor: DEFAULT_PROCESSOR } };
  send: Settings = DEFAULT_SEND;
  receive: ReceiveSettings = DEFAULT_RECEIVE;
  /** The cap of `setBandwidth` on the camera; `null`: none. */
  maxVideoKbps: number | null = null;
  #ownLanguage: unknown = undefined;
  /** What was last taken of the options, as JSON. */
  readonly #taken = new Map<string, string>();
  language: LanguageChoice = chooseLanguage([], []);

  /**
   * Takes what a join or start message brings along. The client repeats its
   * options in each; what it repeats must not undo what was changed since.
   */
  takeInitial(properties: Settings, preloadCache: Settings): void {
    this.#takeOnce(properties, "inputSettings", (value) => this.mergeInput(value));
    this.mergeInput(preloadCache["inputSettings"]);
    this.#takeOnce(properties, "dailyConfig", (value) => {
      const video = legacyVideoSettings(value);
      if (video) this.mergeSend({ video });
    });
    this.#takeOnce(properties, "sendSettings", (value) => this.mergeSend(value));
    this.mergeSend(preloadCache["sendSettings"]);
    this.#takeOnce(properties, "receiveSettings", (value) => this.mergeReceive(value, []));
    this.#takeOnce(properties, "lang", (value) => this.setLanguage(value));
  }

  #takeOnce(properties: Settings, key: string, take: (value: unknown) => void): void {
    const text = JSON.stringify(properties[key]);
    if (text === undefined || text === this.#taken.get(key)) return;
    this.#taken.set(key, text);
    take(properties[key]);
  }

  /** What the room, or the token, says counts where the application says nothing. */
  takeRoomLanguage(ofRoom: unknown): void {
    this.language = chooseLanguage([this.#ownLanguage, ofRoom], browserLanguages());
  }

  /** Sets the language from now on; what is none changes nothing. */
  setLanguage(lang: unknown): void {
    this.#ownLanguage = lang;
    this.language = chooseLanguage([lang, this.language.langSetting], browserLanguages());
  }

  mergeInput(change: unknown): void {
    const next = { ...this.input };
    for (const [kind, value] of Object.entries(recordOf(change))) if (isRecord(value)) next[kind] = { ...recordOf(next[kind]), ...value };
    this.input = next;
  }

  /** Devices are settings too, under whichever method they were chosen. */
  mergeDevices(audio: unknown, video: unknown): void {
    for (const [kind, device] of Object.entries({ audio, video })) {
      if (typeof device !== "string") continue;
      const { customTrack: _track, deviceId: _device, ...rest } = recordOf(recordOf(this.input[kind])["settings"]);
      // The word for a track of the application's own is no device.
      const chosen = device === PLACEHOLDER ? { customTrack: device } : { ...rest, deviceId: device };
      this.mergeInput({ [kind]: { settings: chosen } });
    }
  }

  mergeSend(change: unknown): void {
    this.send = { ...this.send, ...recordOf(change) };
  }

  /** `present`: who is in the call, for `*`. */
  mergeReceive(change: unknown, present: Iterable<string>): void {
    this.receive = mergeReceive(this.receive, change, present);
  }

  /** What the application wants done to a picture or sound before it is sent. */
  processor(kind: "audio" | "video"): string {
    const { type } = recordOf(recordOf(this.input[kind])["processor"]);
    return typeof type === "string" ? type : "none";
  }
}

/** What the person prefers to read. Outside a browser: nothing. */
function browserLanguages(): readonly string[] {
  return globalThis.navigator?.languages ?? [];
}
