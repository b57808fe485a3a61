/** The call in a browser, made of the runner and small parts beside it. */
import { customSource, kindOf, midOf, type CallError, type CallState, type CustomSource, type Device, type Engine, type Intent, type MainSource, type ParticipantChange, type Subscription, type TrackSource, type VideoWish, type VideoWishesOf } from "@parlor/engine";
import type { CallLogLevel, MergeStrategy } from "@parlor/protocol";

import { act, type ActOutcome } from "./act.ts";
import { CallFailure, type Call, type CaptureOptions, type CustomTrackOptions, type IceConfig, type JoinOptions, type ParticipantWish, type RoomOptions } from "./call.ts";
import { checkConnection, checkQuality, type CheckKind, type CheckOptions, type CheckResult, type QualityCheckOptions, type QualityCheckOutcome } from "./checks.ts";
import { listDevices, nextDevice } from "./devices.ts";
import type { NetworkStats } from "./figures.ts";
import { LocalLevel, receiverLevel } from "./levels.ts";
import { LocalRecording, type LocalRecordingOptions, type RecordingSources } from "./local-recording.ts";
import { lineOf, linesOf, type Line } from "./log-lines.ts";
import { Measuring } from "./measuring.ts";
import { applyAudioProcessor, applyVideoProcessor, type AudioProcessor, type VideoProcessor } from "./processors.ts";
import { parseRoomAddress } from "./room-address.ts";
import { isAdaptive, Runner } from "./runner.ts";
import { hintOf, type SendSettings } from "./send-settings.ts";
import type { CallEvent } from "./state.ts";

/** Makes a call. Nothing runs until something is asked of it. */
export function createCall(): Call {
  return new BrowserCall();
}

class BrowserCall implements Call {
  readonly #runner = new Runner();
  readonly #level = new LocalLevel();
  readonly #measuring = new Measuring(this.#runner);
  readonly #lifetime = new AbortController();
  readonly #checks = new Map<CheckKind, AbortController>();
  #recording: LocalRecording | null = null;
  #videoProcessor: VideoProcessor = { type: "none" };
  #audioProcessor: AudioProcessor = { type: "none" };

  constructor() {
    const { signal } = this.#lifetime;
    // A closed tab is gone for the others at once.
    addEventListener("pagehide", () => this.leave(), { signal });
    addEventListener("online", () => this.#runner.dispatch({ type: "network-online" }), { signal });
    connectionOf(navigator)?.addEventListener("change", () => this.#runner.dispatch({ type: "network-changed" }), { signal });
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.enumerateDevices(), { signal });
    this.subscribe((state, before) => this.#watch(state, before));
    this.onEvent((event) => this.#write(lineOf(event)));
  }

  get state(): CallState {
    return this.#runner.engine.call;
  }

  get localStream(): MediaStream {
    return this.#runner.capture.stream;
  }

  subscribe(listener: (state: CallState, before: CallState) => void): () => void {
    return this.#runner.subscribe(listener);
  }

  onEvent(listener: (event: CallEvent) => void): () => void {
    return this.#runner.observe(listener);
  }

  async preAuth(options: RoomOptions): Promise<void> {
    const intent = intentOf(options);
    if (!intent) throw this.#giveUp();
    this.#runner.dispatch({ type: "pre-auth", intent });
    await this.#outcome(({ link }) => link.step === "none");
  }

  async join(options: JoinOptions): Promise<void> {
    const intent = intentOf(options);
    if (!intent) throw this.#giveUp();
    this.#runner.capture.choose(options);
    if (options.codecs) this.#runner.codecs = options.codecs;
    this.#runner.dispatch({ type: "join", intent });
    await this.#outcome(({ call }) => call.phase === "joined" || call.phase === "waiting");
  }

  async startCamera(options: CaptureOptions = {}): Promise<void> {
    const changed = this.#runner.capture.choose(options);
    if (this.#runner.engine.isCapturing) this.#runner.dispatch({ type: "recapture", sources: changed });
    else this.#runner.dispatch({ type: "start-camera" });
    await this.#devicesSettled();
  }

  leave(): void {
    if (this.state.phase !== "left") this.#runner.dispatch({ type: "leave" });
  }

  dispose(): void {
    this.abortChecks();
    this.leave();
    this.#lifetime.abort();
    this.#level.close();
  }

  setLocalAudio(on: boolean): void {
    this.#runner.dispatch({ type: "set-wanted", source: "cam-audio", wanted: on, by: "user" });
  }

  setLocalVideo(on: boolean): void {
    this.#runner.dispatch({ type: "set-wanted", source: "cam-video", wanted: on, by: "user" });
  }

  async setDevices(options: CaptureOptions): Promise<void> {
    const sources = this.#runner.capture.choose(options);
    this.#runner.dispatch({ type: "recapture", sources });
    await this.#devicesSettled();
  }

  setSpeaker(deviceId: string): void {
    this.#runner.dispatch({ type: "set-speaker", deviceId });
  }

  async cycleCamera(): Promise<Device | null> {
    const device = nextDevice(await this.enumerateDevices(), "videoinput", this.state.devices.camera);
    if (device) await this.setDevices({ camera: { kind: "device", deviceId: device.deviceId } });
    return device;
  }

  async cycleMic(): Promise<Device | null> {
    const device = nextDevice(await this.enumerateDevices(), "audioinput", this.state.devices.mic);
    if (device) await this.setDevices({ mic: { kind: "device", deviceId: device.deviceId } });
    return device;
  }

  async enumerateDevices(): Promise<readonly Device[]> {
    const devices = await listDevices();
    this.#runner.dispatch({ type: "devices-listed", devices });
    return devices;
  }

  startScreenShare(options: { readonly display?: DisplayMediaStreamOptions; readonly stream?: MediaStream } = {}): void {
    this.#runner.capture.setScreen(options);
    this.#runner.dispatch({ type: "start-screen" });
  }

  stopScreenShare(): void {
    this.#runner.dispatch({ type: "stop-screen" });
  }

  updateScreenShare(options: { readonly video?: boolean; readonly audio?: boolean }): void {
    this.#runner.dispatch({ type: "update-screen", ...options });
  }

  async startCustomTrack({ track, tag, isMusic = false }: CustomTrackOptions): Promise<string> {
    const name = tag ?? `track-${crypto.randomUUID().slice(0, 8)}`;
    const source = customSource(track.kind === "audio" ? "audio" : "video", name);
    if (this.#customOf(name)) throw new Error(`A track with the tag '${name}' is sent already.`);
    if (track.readyState === "ended") throw new Error("The track has ended.");
    if (isMusic) track.contentHint = "music";
    this.#runner.capture.setCustom(source, track);
    this.#runner.dispatch({ type: "start-custom", source, trackId: track.id });
    if (!this.#runner.engine.custom.has(source)) throw new Error("This track cannot be sent: it is not permitted, or too many are sent already.");
    return name;
  }

  stopCustomTrack(tag: string): void {
    const source = this.#customOf(tag);
    if (source) this.#runner.dispatch({ type: "stop-custom", source });
  }

  async setSendSettings(settings: SendSettings): Promise<SendSettings> {
    this.#runner.sending = { ...this.#runner.sending, ...settings };
    this.#runner.capture.screenHint = hintOf(this.#runner.sending);
    await this.#runner.connection?.setSending(this.#runner.sending);
    return this.#runner.sending;
  }

  setVideoProcessor(processor: VideoProcessor): Promise<boolean> {
    this.#videoProcessor = processor;
    return applyVideoProcessor(this.#runner.capture.track("cam-video"), processor);
  }

  setAudioProcessor(processor: AudioProcessor): Promise<boolean> {
    this.#audioProcessor = processor;
    return applyAudioProcessor(this.#runner.capture.track("cam-audio"), processor);
  }

  async requestAccess(name?: string): Promise<boolean> {
    if (!this.state.lobby) return this.state.access === "full";
    this.#runner.dispatch({ type: "request-access", name: name ?? this.state.local.userName, now: Date.now() });
    return this.#runner.until(({ call }) => (call.lobby ? undefined : call.access === "full"));
  }

  answerKnock(id: string, letIn: boolean): void {
    const isAll = id === "*";
    this.#runner.dispatch({ type: "answer-knocks", everybody: isAll ? letIn : null, participants: isAll ? {} : { [id]: letIn } });
  }

  updateParticipant(id: string, change: ParticipantWish): void {
    this.updateParticipants({ [id]: change });
  }

  updateParticipants(changes: Readonly<Record<string, ParticipantWish>>): void {
    const { "*": everybody, ...named } = changes;
    const participants = Object.fromEntries(Object.entries(named).map(([id, wish]) => [id, changeOf(wish)]));
    this.#runner.dispatch({ type: "update-participants", everybody: everybody ? changeOf(everybody) : null, participants });
  }

  async act(operation: string, body: unknown = {}): Promise<ActOutcome> {
    const { intent, pass } = this.#runner.engine;
    if (this.state.phase !== "joined" || !intent || pass === null) return { ok: false, error: "not-joined", info: "Join the call first." };
    return act(this.#runner.proxy ?? intent.server, pass, operation, body);
  }

  sendAppMessage(data: unknown, to: "*" | readonly string[] = "*"): void {
    this.#runner.dispatch({ type: "send-app-message", data, to: to === "*" ? to : [...to] });
  }

  setSessionData(data: Readonly<Record<string, unknown>>, strategy: MergeStrategy, keysToDelete: readonly string[] = []): void {
    this.#runner.dispatch({ type: "set-session-data", data, strategy, keysToDelete });
  }

  setUserName(name: string): void {
    this.#runner.dispatch({ type: "set-user-name", name });
  }

  setUserData(data: unknown): void {
    this.#runner.dispatch({ type: "set-user-data", data });
  }

  subscribeToAll(subscription: Subscription): void {
    this.#runner.dispatch({ type: "subscribe-to-all", subscription });
  }

  subscribeTo(participant: string, subscription: Subscription | null): void {
    this.#runner.dispatch({ type: "subscribe-to", participant, subscription });
  }

  setVideoWishes(base: VideoWish | null, byParticipant: Readonly<Record<string, VideoWishesOf>>): void {
    this.#runner.dispatch({ type: "set-video-wishes", wishes: { base, byParticipant } });
  }

  trackOf(participantId: string, source: TrackSource): MediaStreamTrack | undefined {
    if (participantId === "local" || participantId === this.state.local.id) return this.#runner.capture.track(source);
    return this.#receiverOf(participantId, source)?.track;
  }

  localAudioLevel(): number {
    return this.#level.measure(this.#runner.capture.track("cam-audio"));
  }

  async remoteAudioLevels(): Promise<Record<string, number>> {
    const levels: Record<string, number> = {};
    for (const [id, { tracks }] of this.state.participants) {
      const receiver = tracks["cam-audio"].state === "playable" ? this.#receiverOf(id, "cam-audio") : undefined;
      levels[id] = receiver ? await receiverLevel(receiver) : 0;
    }
    return levels;
  }

  networkStats(): Promise<NetworkStats | null> {
    return this.#measuring.latest();
  }

  setIceConfig(config: IceConfig): void {
    this.#runner.setIce(config);
  }

  setProxyUrl(url: string | null): void {
    this.#runner.proxy = url === null ? null : url.replace(/\/+$/, "");
  }

  async startLocalRecording(options: LocalRecordingOptions = {}): Promise<void> {
    if (this.state.phase !== "joined") throw new Error("Join the call before you record it.");
    if (this.#recording) throw new Error("A recording runs already.");
    this.#recording = new LocalRecording(() => this.#recorded(), options, {
      data: (data, isLast) => this.#runner.tell({ type: "recording-data", data, isLast }),
      failed: (info) => {
        this.#runner.tell({ type: "recording-failed", info });
        this.stopLocalRecording();
      },
    });
    this.#runner.dispatch({ type: "set-recording", isRecording: true });
  }

  stopLocalRecording(): void {
    this.#recording?.stop();
    this.#recording = null;
    if (this.#runner.engine.isRecording) this.#runner.dispatch({ type: "set-recording", isRecording: false });
  }

  checkWebsocket(options: CheckOptions = {}): Promise<CheckResult> {
    return this.#check("websocket", options, (intent, signal) => checkConnection("websocket", intent, signal), "failed");
  }

  checkNetwork(options: CheckOptions = {}): Promise<CheckResult> {
    return this.#check("network", options, (intent, signal) => checkConnection("network", intent, signal), "failed");
  }

  checkCallQuality(options: QualityCheckOptions = {}): Promise<QualityCheckOutcome> {
    const own = (["cam-video", "cam-audio"] as const).flatMap((source) => this.#runner.capture.track(source) ?? []);
    const tracks = options.tracks ?? own;
    return this.#check("quality", options, (intent, signal) => checkQuality(intent, tracks, options, signal), NO_QUALITY);
  }

  abortChecks(kind?: CheckKind): void {
    for (const [name, check] of this.#checks) if (kind === undefined || kind === name) check.abort();
  }

  log(level: CallLogLevel, message: string, code?: number): void {
    this.#write({ level, message, ...(code === undefined ? {} : { code }) });
  }

  /** One check of a kind runs at a time: a new one ends the old. */
  async #check<T>(kind: CheckKind, { url, token }: CheckOptions, run: (intent: Intent, signal: AbortSignal) => Promise<T>, failed: T): Promise<T> {
    const intent = url === undefined ? this.#runner.engine.intent : intentOf({ url, ...(token === undefined ? {} : { token }) });
    if (!intent) return failed;
    this.#checks.get(kind)?.abort();
    const check = new AbortController();
    this.#checks.set(kind, check);
    try {
      return await run(intent, check.signal);
    } finally {
      if (this.#checks.get(kind) === check) this.#checks.delete(kind);
    }
  }

  #customOf(tag: string): CustomSource | undefined {
    return [...this.#runner.engine.custom.keys()].find((source) => source === customSource(kindOf(source), tag));
  }

  /** Screens first, oneself last; one's own sound is part of the call. */
  #recorded(): RecordingSources {
    const everybody = [...this.state.participants.values(), this.state.local];
    const tracks = (sources: readonly MainSource[]): MediaStreamTrack[] =>
      sources.flatMap((source) => everybody.flatMap(({ id, tracks }) => (tracks[source].state === "playable" ? (this.trackOf(id, source) ?? []) : [])));
    return { videos: tracks(["screen-video", "cam-video"]), audios: tracks(["cam-audio", "screen-audio"]) };
  }

  #write(...lines: readonly (Line | null)[]): void {
    for (const line of lines) if (line) this.#runner.reporter.note(line, Date.now());
  }

  #receiverOf(participantId: string, source: TrackSource): RTCRtpReceiver | undefined {
    const mid = midOf(this.#runner.engine, participantId, source);
    return mid === undefined ? undefined : this.#runner.connection?.receiver(mid);
  }

  #giveUp(): CallFailure {
    const error: CallError = { reason: "no-room", info: "This is not the address of a room.", during: "room-lookup" };
    this.#runner.dispatch({ type: "give-up", error });
    return new CallFailure(error);
  }

  /** Waits for success, failure, or a leave in between. */
  async #outcome(isDone: (engine: Engine) => boolean): Promise<void> {
    const outcome = await this.#runner.until((engine): "done" | "failed" | "left" | undefined => {
      if (engine.call.phase === "failed") return "failed";
      if (engine.call.phase === "left" && engine.link.step === "none") return "left";
      return isDone(engine) ? "done" : undefined;
    });
    if (outcome !== "done") throw new CallFailure(outcome === "failed" ? this.state.error : null);
  }

  async #devicesSettled(): Promise<void> {
    await this.#runner.until(({ media }) => {
      const waits = media["cam-audio"].capture.step === "starting" || media["cam-video"].capture.step === "starting";
      return waits ? undefined : true;
    });
  }

  #watch(state: CallState, before: CallState): void {
    this.#write(...linesOf(before, state));
    const isOver = state.phase === "left" || state.phase === "failed";
    if (isOver && state.phase !== before.phase) this.#runner.reporter.end();
    if (state.devices.camera !== before.devices.camera || state.devices.mic !== before.devices.mic) void this.enumerateDevices();
    if (state.devices.camera !== before.devices.camera && this.#videoProcessor.type !== "none") void this.setVideoProcessor(this.#videoProcessor);
    if (state.devices.mic !== before.devices.mic && this.#audioProcessor.type !== "none") void this.setAudioProcessor(this.#audioProcessor);
    if (state.participants.size !== before.participants.size) this.#runner.connection?.setAdaptive(isAdaptive(state));
    if (isOver && this.#recording) this.stopLocalRecording();
    this.#measuring.follow(state, before);
  }
}

const NO_QUALITY: QualityCheckOutcome = {
  result: "failed",
  data: { maxRoundTripSecs: null, averageRoundTripSecs: null, averageSendLoss: null, averageAvailableSendBps: null, averageSendBps: null },
  secondsElapsed: 0,
  info: "Say first which room: check access, or give its address.",
};

function changeOf({ audio, video, screenShare, eject, permissions }: ParticipantWish): ParticipantChange {
  return {
    ...(audio === undefined ? {} : { audio }),
    ...(video === undefined ? {} : { video }),
    ...(screenShare === undefined ? {} : { screen_share: screenShare }),
    ...(eject === undefined ? {} : { is_ejected: eject }),
    ...(permissions === undefined ? {} : { permissions }),
  };
}

/** Chromium tells when another network carries us; the type definitions do not know. */
function connectionOf(browser: Navigator): EventTarget | undefined {
  const { connection } = browser as { readonly connection?: unknown };
  return connection instanceof EventTarget ? connection : undefined;
}

function intentOf(options: RoomOptions & Partial<JoinOptions>): Intent | null {
  const address = parseRoomAddress(options.url);
  if (!address) return null;
  const token = options.token ?? address.token;
  return {
    server: address.server,
    room: address.room,
    ...(token === null || token === "" ? {} : { token }),
    ...(options.userName === undefined ? {} : { userName: options.userName }),
    ...(options.userData === undefined ? {} : { userData: options.userData }),
    ...(options.startVideoOff === undefined ? {} : { startVideoOff: options.startVideoOff }),
    ...(options.startAudioOff === undefined ? {} : { startAudioOff: options.startAudioOff }),
  };
}
