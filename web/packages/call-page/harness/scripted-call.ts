/** A call whose state a scene writes, so that screens can be looked at without a server. */
import type { Call, CallEvent, CallState, Device, NetworkStats } from "@parlor/browser";
import type { Participant, TrackSource, TrackView, Tracks } from "@parlor/engine";

const WORST = { videoRecvLoss: null, videoSendLoss: null, audioRecvLoss: null, audioSendLoss: null, videoRecvJitter: null, videoSendJitter: null, audioRecvJitter: null, audioSendJitter: null };
const OFF: TrackView = { state: "off", off: "user", trackId: null };

/** Somebody made up. */
export interface Cast {
  readonly name: string;
  readonly mic?: boolean;
  readonly camera?: MediaStreamTrack | "loading" | "interrupted" | null;
  readonly screen?: MediaStreamTrack;
  readonly isOwner?: boolean;
  readonly level?: number;
  readonly network?: Participant["network"];
  readonly isStarved?: boolean;
  readonly isRecording?: boolean;
}

const DEVICES: readonly Device[] = [
  { deviceId: "m1", groupId: "a", kind: "audioinput", label: "Built-in microphone" },
  { deviceId: "m2", groupId: "b", kind: "audioinput", label: "Conference speakerphone with a long name (2f33:0110)" },
  { deviceId: "s1", groupId: "a", kind: "audiooutput", label: "Headphones" },
  { deviceId: "c1", groupId: "a", kind: "videoinput", label: "Built-in camera" },
  { deviceId: "c2", groupId: "c", kind: "videoinput", label: "Desk camera" },
];

/** What a scene says of the call. */
export interface Script {
  readonly phase: CallState["phase"];
  readonly self: Cast;
  readonly others?: readonly Cast[];
  readonly properties?: Record<string, unknown>;
  readonly network?: Partial<CallState["network"]>;
  readonly local?: Partial<Record<TrackSource, TrackView>>;
  readonly nameFixed?: string;
  readonly hasNoDevices?: boolean;
  readonly maySend?: boolean;
  readonly waiting?: readonly string[];
  readonly lobby?: CallState["lobby"];
}

/** Builds the call of a script. */
export class ScriptedCall implements Call {
  state: CallState;
  readonly localStream = new MediaStream();
  readonly #media = new Map<string, MediaStreamTrack>();
  readonly #levels: Record<string, number> = {};
  readonly #selfLevel: number;

  constructor(script: Script) {
    this.#selfLevel = script.self.level ?? 0;
    this.state = this.#stateOf(script);
  }

  #stateOf(script: Script): CallState {
    const person = this.#person(script.self, "self", script.local);
    const local = { ...person, permissions: { ...person.permissions, canSend: script.maySend ?? true } };
    const others = (script.others ?? []).map((cast, index) => this.#person(cast, `p${index}`));
    const devices = script.hasNoDevices ? [] : DEVICES;
    return {
      phase: script.phase,
      access: script.lobby === undefined ? "full" : "lobby",
      lobby: script.lobby ?? null,
      waiting: new Map((script.waiting ?? []).map((name, index) => [`w${index}`, { id: `w${index}`, name, since: Date.now() - 42_000 + index * 34_000 }])),
      room: { id: "r1", name: "design-review", domainName: "studio", config: {}, domainConfig: {}, tokenConfig: {} },
      effective: {
        user_name: script.nameFixed ?? "",
        is_name_fixed: script.nameFixed !== undefined,
        is_owner: script.self.isOwner ?? false,
        access: script.lobby === undefined ? "full" : "lobby",
        permissions: local.permissions,
        properties: { enable_chat: true, enable_people_ui: true, enable_prejoin_ui: true, enable_screenshare: true, lang: "en", ...script.properties },
      },
      meeting: null,
      sessionData: {},
      local,
      participants: new Map(others.map((person) => [person.id, person])),
      hidden: 0,
      activeSpeaker: "p0",
      devices: { available: devices, mic: devices[0] ?? null, speaker: devices[2] ?? null, camera: devices[3] ?? null },
      network: { signalling: "connected", media: "connected", quality: "good", ...script.network },
      cpuLoad: "low",
      cpuLoadReason: "none",
      subscriptions: { all: true, byParticipant: {} },
      error: null,
    };
  }

  #person(cast: Cast, id: string, over: Partial<Record<TrackSource, TrackView>> = {}): Participant {
    const camera = cast.camera ?? null;
    if (camera instanceof MediaStreamTrack) this.#media.set(`${id} cam-video`, camera);
    if (cast.screen) this.#media.set(`${id} screen-video`, cast.screen);
    if (cast.level !== undefined && id !== "self") this.#levels[id] = cast.level;
    const tracks: Tracks = {
      "cam-audio": cast.mic ? { state: "playable", trackId: `${id}a` } : OFF,
      "cam-video": camera === null ? OFF : typeof camera === "string" ? { state: camera, trackId: null } : cast.isStarved ? { state: "off", off: "bandwidth", trackId: camera.id } : { state: "playable", trackId: camera.id },
      "screen-audio": OFF,
      "screen-video": cast.screen ? { state: "playable", trackId: cast.screen.id } : OFF,
      ...over,
    };
    const permissions = { hasPresence: true, canSend: true, canReceive: { base: true }, canAdmin: false };
    return { id, userId: cast.name, userName: cast.name, userData: undefined, isOwner: cast.isOwner ?? false, joinedAt: id === "self" ? Date.now() : 1_000, ejectAt: null, permissions, tracks, custom: {}, isRecording: cast.isRecording ?? false, network: cast.network ?? "good" };
  }

  subscribe(_listener: (state: CallState, before: CallState) => void): () => void {
    return () => undefined;
  }
  onEvent(_listener: (event: CallEvent) => void): () => void {
    return () => undefined;
  }
  trackOf(id: string, source: TrackSource): MediaStreamTrack | undefined {
    return this.#media.get(`${id === "local" ? "self" : id} ${source}`);
  }
  localAudioLevel(): number {
    return this.#selfLevel;
  }
  async remoteAudioLevels(): Promise<Record<string, number>> {
    return this.#levels;
  }

  async preAuth(): Promise<void> {}
  async startCamera(): Promise<void> {}
  async join(): Promise<void> {}
  leave(): void {}
  dispose(): void {}
  setLocalAudio(): void {}
  setLocalVideo(): void {}
  async setDevices(): Promise<void> {}
  setSpeaker(): void {}
  async cycleCamera(): Promise<null> {
    return null;
  }
  async cycleMic(): Promise<null> {
    return null;
  }
  async enumerateDevices(): Promise<readonly Device[]> {
    return DEVICES;
  }
  updateScreenShare(): void {}
  async startCustomTrack(): Promise<string> {
    return "";
  }
  stopCustomTrack(): void {}
  async setSendSettings<S>(settings: S): Promise<S> {
    return settings;
  }
  async setVideoProcessor(): Promise<boolean> {
    return true;
  }
  async setAudioProcessor(): Promise<boolean> {
    return true;
  }
  async requestAccess(): Promise<boolean> {
    return false;
  }
  answerKnock(): void {}
  updateParticipant(): void {}
  updateParticipants(): void {}
  async act(): Promise<{ ok: boolean }> {
    return { ok: false };
  }
  setVideoWishes(): void {}
  setIceConfig(): void {}
  setProxyUrl(): void {}
  async startLocalRecording(): Promise<number> {
    return 1;
  }
  stopLocalRecording(): void {}
  async checkWebsocket(): Promise<"passed"> {
    return "passed";
  }
  async checkNetwork(): Promise<"passed"> {
    return "passed";
  }
  async checkCallQuality(): Promise<never> {
    throw new Error("scenes measure nothing");
  }
  abortChecks(): void {}
  startScreenShare(): void {}
  stopScreenShare(): void {}
  sendAppMessage(): void {}
  setSessionData(): void {}
  log(): void {}
  setUserName(): void {}
  setUserData(): void {}
  subscribeToAll(): void {}
  subscribeTo(): void {}
  cpuFigures(): null {
    return null;
  }

  async networkStats(): Promise<NetworkStats> {
    const unknown = { videoSendBps: null, videoRecvBps: null, audioSendBps: null, audioRecvBps: null, videoRecvJitter: null, audioRecvJitter: null, videoSendJitter: null, audioSendJitter: null, availableSendBps: null };
    const whole = { worst: WORST, averageRoundTripSecs: null, totalSendLoss: null, totalRecvLoss: null };
    return { ...unknown, ...whole, timestamp: 0, sendBps: 1_480_000, recvBps: 3_920_000, videoSendLoss: 0, videoRecvLoss: 0.004, audioSendLoss: 0, audioRecvLoss: 0, roundTripSecs: 0.042 };
  }
}
