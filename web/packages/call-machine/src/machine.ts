/**
 * One client's call machine: takes its requests, tells it what happens. The
 * frame's page uses the same, with its own channel.
 */
import { createCall, type Call, type CallEvent, type CallState } from "@parlor/browser";

import { perform } from "./actions.ts";
import type { TrackShelf } from "./app-tracks.ts";
import type { Channel } from "./channel.ts";
import { cameraErrorFields } from "./errors.ts";
import { LevelObservers } from "./levels.ts";
import { LocalRecorder } from "./local-recorder.ts";
import { iceConfigOf } from "./ice-config.ts";
import { warn } from "./log.ts";
import { recordOf, type ClientRequest, type Fields } from "./message.ts";
import { wishesOf } from "./receive-settings.ts";
import { sendSettingsOf } from "./send-settings.ts";
import { ClientSettings } from "./settings.ts";
import { eventsOf } from "./translate.ts";
import { qualityFields } from "./translate/network.ts";

/** What the machine gets from where it runs. */
export interface MachineParts {
  readonly channel: Channel;
  /** Where the client leaves tracks for us, looked at when a message says so. */
  readonly shelves: () => readonly TrackShelf[];
  /** The room URL as the client object has it, where one can see that before a message says it. */
  readonly urlOfClient?: () => string | undefined;
}

/** What lasts from one reset to the next. */
interface Session {
  readonly call: Call;
  readonly settings: ClientSettings;
  readonly levels: LevelObservers;
  readonly recorder: LocalRecorder;
  /** Stops listening to the call. */
  readonly detach: () => void;
}

/** One machine for one client object. */
export class Machine {
  readonly channel: Channel;
  readonly shelves: () => readonly TrackShelf[];
  readonly urlOfClient: () => string | undefined;
  /** The room URL of the last join, start or preauth. */
  url: string | undefined;
  /** The meeting token of the same. */
  token: string | undefined;
  /** The properties with which the camera was started, if it was. */
  cameraProperties: Fields | null = null;
  #session: Session;
  #isInitialized = false;
  #hasEnded = false;
  /** Whether the settings asked for less than everything when they were last applied. */
  #isLimited = false;
  #placeholderId = newId();
  /** Who lost presence since the client was last told of a change. */
  readonly #unseen = new Set<string>();

  constructor({ channel, shelves, urlOfClient = () => undefined }: MachineParts) {
    this.channel = channel;
    this.shelves = shelves;
    this.urlOfClient = urlOfClient;
    this.#session = this.#begin();
  }

  get call(): Call {
    return this.#session.call;
  }

  get settings(): ClientSettings {
    return this.#session.settings;
  }

  get levels(): LevelObservers {
    return this.#session.levels;
  }

  get recorder(): LocalRecorder {
    return this.#session.recorder;
  }

  /** Whether a join, start or preauth has come since the last end. */
  get isInitialized(): boolean {
    return this.#isInitialized;
  }

  /** Takes a request; whatever happens, one who waits gets an answer. */
  handle(request: ClientRequest): void {
    const reply = (fields: Fields): void => this.channel.reply(request, fields);
    perform(this, request, reply).then(
      (fields) => fields && reply(fields),
      (cause: unknown) => reply({ error: cause instanceof Error ? cause.message : String(cause) }),
    );
  }

  /** Forgets everything of the previous call; the same object joins again. */
  reset(): void {
    this.dispose();
    this.#session = this.#begin();
    this.#isInitialized = false;
    this.#hasEnded = false;
    this.#isLimited = false;
    this.cameraProperties = null;
    this.#placeholderId = newId();
  }

  /** Ends without a word to the client, but for the last piece of a recording. */
  dispose(): void {
    this.#hasEnded = true;
    this.#session.detach();
    this.levels.stop();
    this.call.dispose();
  }

  /** The first thing that a join, start or preauth does. */
  initialize(properties: Fields, preloadCache: Fields): void {
    this.#hasEnded = false;
    this.settings.takeInitial(properties, preloadCache);
    this.#prepare(properties);
    if (!this.#isInitialized) {
      this.#isInitialized = true;
      // Before 0.59 the client knows the second name only; unknown ones are ignored.
      this.channel.send("call-machine-initialized");
      this.channel.send("daily-main-executed");
    }
    // The client tells the application of what is new to it.
    this.channel.send("receive-settings-updated", { receiveSettings: this.settings.receive });
    this.channel.send("send-settings-updated", { sendSettings: this.settings.send });
    this.channel.send("input-settings-updated", { inputSettings: this.settings.input });
  }

  /** What of the settings acts on the connection that is about to be made. */
  #prepare(properties: Fields): void {
    void this.call.setSendSettings(sendSettingsOf(this.settings));
    const { iceConfig } = recordOf(properties["dailyConfig"]);
    if (iceConfig !== undefined) this.call.setIceConfig(iceConfigOf(iceConfig));
    this.applyReceiveSettings();
  }

  /** Asks for the layers that the settings want, of whoever is there. */
  applyReceiveSettings(): void {
    const { base, byParticipant } = wishesOf(this.settings.receive, this.call.state.participants.keys());
    const isLimited = base !== null || Object.keys(byParticipant).length > 0;
    // A page in a frame has wishes of its own, which nothing may replace.
    if (isLimited || this.#isLimited) this.call.setVideoWishes(base, byParticipant);
    this.#isLimited = isLimited;
  }

  /** Ends the call, or what there is of one; always answered by `left-meeting`. */
  leave(): void {
    this.#hasEnded = true;
    this.call.leave();
    this.#end([{ action: "left-meeting" }]);
  }

  #begin(): Session {
    const call = createCall();
    const ends = [call.subscribe((state, before) => this.#publish(state, before)), call.onEvent((event) => this.#tell(event))];
    const detach = (): void => ends.forEach((end) => end());
    const { channel } = this;
    const recorder = new LocalRecorder(call, channel);
    // Not detached: the end of the call ends a recording, whose last piece comes after it.
    call.onEvent((event) => recorder.follow(event));
    return { call, settings: new ClientSettings(), levels: new LevelObservers(call, channel), recorder, detach };
  }

  #publish(state: CallState, before: CallState): void {
    if (this.#hasEnded) return;
    if (state.effective !== before.effective) this.settings.takeRoomLanguage(state.effective?.properties["lang"]);
    const events = eventsOf(before, state, { placeholderId: this.#placeholderId, url: this.url, unseen: this.#unseen });
    this.#unseen.clear();
    const isOver = state.phase !== before.phase && (state.phase === "left" || state.phase === "failed");
    if (isOver) return this.#end(events);
    for (const { action, fields } of events) this.channel.send(action, fields);
    if (state.network.quality !== before.network.quality) void this.#tellQuality();
    // Settings for all become wishes for each.
    if (hasNewcomer(state, before)) this.applyReceiveSettings();
  }

  /** With the figures behind it, which are read from the connection. */
  async #tellQuality(): Promise<void> {
    const { call } = this;
    const stats = await call.networkStats();
    if (!this.#hasEnded && call === this.call) this.channel.send("network-quality-change", qualityFields(call.state, stats));
  }

  #end(events: ReturnType<typeof eventsOf>): void {
    this.#hasEnded = true;
    this.#isInitialized = false;
    this.cameraProperties = null;
    this.levels.stop();
    for (const { action, fields } of events) this.channel.send(action, fields);
  }

  #tell(event: CallEvent): void {
    if (this.#hasEnded) return;
    switch (event.type) {
      case "app-message":
        return this.channel.send("app-message", { data: event.data, fromId: event.from });
      case "camera-started":
        return this.channel.send("started-camera");
      case "camera-error":
        return this.channel.send("camera-error", cameraErrorFields(event.error));
      case "screen-share-started":
        return this.channel.send("local-screen-share-started");
      case "screen-share-stopped":
        return this.channel.send("local-screen-share-stopped");
      case "screen-share-failed":
        return this.#tellScreenFailure(event.reason, event.info);
      case "rejected":
        return this.#tellRejection(event.message, event.info);
      case "participant-left":
        // The state says who is gone, but not why.
        if (event.reason === "hidden") this.#unseen.add(event.participant.id);
        return undefined;
      case "recording-data":
      case "recording-failed":
        // The recorder hears it for itself.
        return undefined;
      case "device-lost":
      case "media-requested":
        // The state says it too: tracks and devices change.
        return undefined;
      case "knock-answered":
        // Whoever asked hears it by the reply.
        return undefined;
      default:
        return event satisfies never;
    }
  }

  #tellRejection(message: string, info: string): void {
    if (message === "set_session_data") this.tellSessionDataError(info);
    else warn(`the room did not carry out '${message}': ${info}`);
  }

  /** The client awaits no reply to new session data. */
  tellSessionDataError(errorMsg: string): void {
    this.channel.send("nonfatal-error", { type: "meeting-session-data-error", errorMsg });
  }

  #tellScreenFailure(reason: "canceled" | "permission" | "unknown", info: string): void {
    if (reason === "canceled") this.channel.send("local-screen-share-canceled");
    else this.channel.send("nonfatal-error", { type: "screen-share-error", errorMsg: info });
  }
}

function hasNewcomer({ participants }: CallState, before: CallState): boolean {
  return participants !== before.participants && [...participants.keys()].some((id) => !before.participants.has(id));
}

function newId(): string {
  // Only pages that can have calls at all (secure ones) have randomUUID.
  return globalThis.crypto?.randomUUID?.() ?? "local";
}
