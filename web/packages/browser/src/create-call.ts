/** The call in a browser, made of the runner and small parts beside it. */
import { customSource, kindOf, midOf, type CallError, type CallState, type CustomSource, type Device, type Engine, type Subscription, type TrackSource, type VideoWish, type VideoWishesOf } from "@parlor/engine";
import type { CallLogLevel, MergeStrategy } from "@parlor/protocol";

import { act, type ActOutcome } from "./act.ts";
import { CallFailure, type Call, type CaptureOptions, type CustomTrackOptions, type IceConfig, type JoinOptions, type ParticipantWish, type RoomOptions } from "./call.ts";
import { CheckDesk } from "./check-desk.ts";
import type { CheckKind, CheckOptions, CheckResult, QualityCheckOptions, QualityCheckOutcome } from "./checks.ts";
import type { CpuFigures } from "./cpu-figures.ts";
import { listDevices, nextDevice } from "./devices.ts";
import type { NetworkStats } from "./figures.ts";
import { LocalLevel, receiverLevel } from "./levels.ts";
import type { LocalRecordingOptions } from "./local-recording.ts";
import { changeOf, intentOf } from "./intent.ts";
import { lineOf, linesOf, type Line } from "./log-lines.ts";
import { Measuring } from "./measuring.ts";
import { watchNetwork } from "./network-watch.ts";
import { Processing, type AudioProcessor, type VideoProcessor } from "./processors.ts";
import { Recorder } from "./recorder.ts";
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
  readonly #checks = new CheckDesk(this.#runner);
  readonly #processing = new Processing(this.#runner.capture);
  readonly #recorder = new Recorder(this.#runner, (id, source) => this.trackOf(id, source));

  constructor() {
    const { signal } = this.#lifetime;
    // A closed tab is gone for the others at once.
    addEventListener("pagehide", () => this.leave(), { signal });
    watchNetwork(() => this.#runner.dispatch({ type: "network-changed" }), signal);
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
    return this.#processing.setVideo(processor);
  }

  setAudioProcessor(processor: AudioProcessor): Promise<boolean> {
    return this.#processing.setAudio(processor);
  }

  async requestAccess(name?: string): Promise<boolean> {
    if (!this.state.lobby) return this.state.access === "full";
    this.#runner.dispatch({ type: "request-access", name: name ?? this.state.local.userName, now: Date.now() });
    return this.#runner.until(({ call }) => {
      if (!call.lobby) return call.access === "full";
      return call.lobby.askedAt === null ? false : undefined;
    });
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

  cpuFigures(): CpuFigures | null {
    return this.#measuring.cpuFigures;
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

  async startLocalRecording(options: LocalRecordingOptions = {}): Promise<number> {
    return this.#recorder.start(options);
  }

  stopLocalRecording(): void {
    this.#recorder.stop();
  }

  checkWebsocket(options: CheckOptions = {}): Promise<CheckResult> {
    return this.#checks.connection("websocket", options);
  }

  checkNetwork(options: CheckOptions = {}): Promise<CheckResult> {
    return this.#checks.connection("network", options);
  }

  checkCallQuality(options: QualityCheckOptions = {}): Promise<QualityCheckOutcome> {
    return this.#checks.quality(options);
  }

  abortChecks(kind?: CheckKind): void {
    this.#checks.abort(kind);
  }

  log(level: CallLogLevel, message: string, code?: number): void {
    this.#write({ level, message, ...(code === undefined ? {} : { code }) });
  }

  #customOf(tag: string): CustomSource | undefined {
    return [...this.#runner.engine.custom.keys()].find((source) => source === customSource(kindOf(source), tag));
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
    this.#processing.follow(state, before);
    if (state.participants.size !== before.participants.size) this.#runner.connection?.setAdaptive(isAdaptive(state));
    if (isOver) this.stopLocalRecording();
    this.#measuring.follow(state, before);
  }
}
