/** The call in a browser, made of the runner and small parts beside it. */
import { midOf, type CallError, type CallEvent, type CallState, type Device, type Engine, type Intent, type Subscription, type TrackSource } from "@parlor/engine";
import type { CallLogLevel, MergeStrategy } from "@parlor/protocol";

import { CallFailure, type Call, type CaptureOptions, type JoinOptions, type NetworkStats, type RoomOptions } from "./call.ts";
import { CpuLoad } from "./cpu-load.ts";
import { listDevices, nextDevice } from "./devices.ts";
import { LocalLevel, receiverLevel } from "./levels.ts";
import { lineOf, linesOf, type Line } from "./log-lines.ts";
import { parseRoomAddress } from "./room-address.ts";
import { Runner } from "./runner.ts";
import { qualityOf, StatsSampler } from "./stats.ts";

/** How often the connection is measured. */
const STATS_MS = 2_000;

/** Makes a call. Nothing runs until something is asked of it. */
export function createCall(): Call {
  return new BrowserCall();
}

class BrowserCall implements Call {
  readonly #runner = new Runner();
  readonly #level = new LocalLevel();
  #load = new CpuLoad();
  readonly #stats = new StatsSampler();
  readonly #lifetime = new AbortController();
  #statsTimer: ReturnType<typeof setInterval> | null = null;

  constructor() {
    const { signal } = this.#lifetime;
    // A closed tab is gone for the others at once.
    addEventListener("pagehide", () => this.leave(), { signal });
    addEventListener("online", () => this.#runner.dispatch({ type: "network-online" }), { signal });
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
    this.#runner.dispatch({ type: "join", intent });
    await this.#outcome(({ call }) => call.phase === "joined");
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

  async networkStats(): Promise<NetworkStats | null> {
    if (!this.#stats.latest) await this.#sample();
    return this.#stats.latest;
  }

  log(level: CallLogLevel, message: string, code?: number): void {
    this.#write({ level, message, ...(code === undefined ? {} : { code }) });
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
    const isConnected = state.network.media === "connected";
    if (isConnected === (this.#statsTimer !== null)) return;
    if (this.#statsTimer !== null) clearInterval(this.#statsTimer);
    this.#stats.reset();
    this.#load = new CpuLoad();
    this.#statsTimer = isConnected ? setInterval(() => void this.#sample(), STATS_MS) : null;
  }

  async #sample(): Promise<void> {
    const report = await this.#runner.connection?.getStats();
    if (!report) return;
    const load = this.#load.take(report.values());
    if (load !== this.state.cpuLoad) this.#runner.dispatch({ type: "load-measured", load });
    const stats = this.#stats.take(report.values());
    if (stats) this.#runner.reporter.measure(stats, Date.now());
    const quality = stats ? qualityOf(stats) : "unknown";
    if (stats && quality !== this.state.network.quality) this.#runner.dispatch({ type: "quality-measured", quality });
  }
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
