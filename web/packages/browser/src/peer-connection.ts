/** The peer connection: transceivers by source, slots by mid, offers. */
import { kindOf, type Fact, type TrackSource } from "@parlor/engine";

import { withParameters, type Sent } from "./answer.ts";
import { codecOf, type CodecPreferences } from "./codec.ts";
import { planOf, type PictureSize, type SendSettings } from "./send-settings.ts";
import { Sender, type SenderOptions } from "./sender.ts";

/** How a connection finds its way, and how it sends. */
export interface PeerOptions {
  readonly configuration: RTCConfiguration;
  readonly sending: SendSettings;
  readonly codecs: CodecPreferences;
  /** Whether the smallest encoding too rests when nobody receives it, unless the settings say. */
  readonly isAdaptive: boolean;
  /** Whether voices carry redundancy. */
  readonly hasFec: boolean;
}

/** One peer connection with its senders and slots. */
export class PeerConnection {
  readonly #id: number;
  readonly #report: (fact: Fact) => void;
  readonly #connection: RTCPeerConnection;
  readonly #options: PeerOptions;
  #sending: SendSettings;
  #isAdaptive: boolean;
  readonly #senders = new Map<TrackSource, Sender>();
  readonly #slots: RTCRtpTransceiver[] = [];

  constructor(id: number, options: PeerOptions, report: (fact: Fact) => void) {
    this.#id = id;
    this.#report = report;
    this.#options = options;
    this.#sending = options.sending;
    this.#isAdaptive = options.isAdaptive;
    this.#connection = new RTCPeerConnection({ ...options.configuration, bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
    this.#connection.addEventListener("connectionstatechange", () => this.#reportState());
  }

  addSender(source: TrackSource): void {
    const options: SenderOptions = {
      plan: kindOf(source) === "video" ? planOf(source, this.#sending) : null,
      codec: codecOf(source, this.#options.codecs),
      isAdaptive: this.#isAdaptive,
    };
    this.#senders.set(source, new Sender(this.#connection, source, options));
  }

  /** The sender carries another source from now on. */
  renameSender(from: TrackSource, to: TrackSource): void {
    const sender = this.#senders.get(from);
    if (!sender) return;
    this.#senders.delete(from);
    this.#senders.set(to, sender);
    sender.rename(to, kindOf(to) === "video" ? planOf(to, this.#sending) : null);
  }

  /** How videos are sent from now on. */
  async setSending(sending: SendSettings): Promise<void> {
    this.#sending = sending;
    const videos = [...this.#senders.values()].filter(({ source }) => kindOf(source) === "video");
    await Promise.all(videos.map((sender) => sender.setPlan(planOf(sender.source, sending))));
  }

  /** Which encodings somebody receives. */
  setLayers(source: TrackSource, rids: readonly string[]): void {
    void this.#senders.get(source)?.setWanted(rids);
  }

  /** Whether the smallest encoding too rests when nobody receives it. */
  setAdaptive(isAdaptive: boolean): void {
    this.#isAdaptive = isAdaptive;
    for (const sender of this.#senders.values()) void sender.setAdaptive(isAdaptive);
  }

  /** Other ways through the network, from the next ICE restart on. */
  configure(configuration: RTCConfiguration): void {
    this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), ...configuration });
  }

  /** Up to so many slots in all. */
  addSlots(audio: number, video: number): void {
    this.#addSlotsOf("audio", audio);
    this.#addSlotsOf("video", video);
  }

  #addSlotsOf(kind: "audio" | "video", wanted: number): void {
    const present = this.#slots.filter(({ receiver }) => receiver.track.kind === kind).length;
    for (let count = present; count < wanted; count += 1) this.#addSlot(kind);
  }

  #addSlot(kind: "audio" | "video"): void {
    const slot = this.#connection.addTransceiver(kind, { direction: "recvonly" });
    const { track } = slot.receiver;
    track.addEventListener("mute", () => this.#reportSlot("slot-muted", slot));
    track.addEventListener("unmute", () => this.#reportSlot("slot-unmuted", slot));
    this.#slots.push(slot);
  }

  /** What the source's sender carries from now on. */
  async attach(source: TrackSource, track: MediaStreamTrack | null): Promise<void> {
    const sender = this.#senders.get(source);
    if (!sender) return;
    try {
      await sender.transceiver.sender.replaceTrack(track);
      if (track) await sender.fit(sizeOf(track));
    } catch (cause) {
      this.#fail(cause);
    }
  }

  async createOffer(restartIce: boolean): Promise<void> {
    try {
      const offer = await this.#connection.createOffer({ iceRestart: restartIce });
      await this.#connection.setLocalDescription(offer);
      this.#report({
        type: "offer-created",
        peer: this.#id,
        sdp: this.#connection.localDescription?.sdp ?? "",
        sends: [...this.#senders].flatMap(([source, { transceiver: { mid } }]) => (mid === null ? [] : [{ mid, source }])),
        slots: this.#slots.flatMap(({ mid, receiver }) => (mid === null ? [] : [{ mid, trackId: receiver.track.id }])),
      });
    } catch (cause) {
      this.#fail(cause);
    }
  }

  async applyAnswer(sdp: string): Promise<void> {
    try {
      const { hasFec } = this.#options;
      await this.#connection.setRemoteDescription({ type: "answer", sdp: withParameters(sdp, (mid) => this.#sentOn(mid), { hasFec }) });
      await Promise.all([...this.#senders.values()].map((sender) => sender.settle()));
    } catch (cause) {
      this.#fail(cause);
    }
  }

  receiver(mid: string): RTCRtpReceiver | undefined {
    return this.#slots.find((slot) => slot.mid === mid)?.receiver;
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.#connection.close();
  }

  #sentOn(mid: string): Sent | undefined {
    const sender = [...this.#senders.values()].find(({ transceiver }) => transceiver.mid === mid);
    if (!sender) return undefined;
    const { source, transceiver, codec } = sender;
    return { source, isMusic: source === "screen-audio" || transceiver.sender.track?.contentHint === "music", codec };
  }

  #fail(cause: unknown): void {
    // A closed connection fails whatever was under way; nobody waits for it any more.
    if (this.#connection.signalingState === "closed") return;
    const info = cause instanceof Error ? cause.message : String(cause);
    this.#report({ type: "negotiation-failed", peer: this.#id, info });
  }

  #reportState(): void {
    const state = this.#connection.connectionState;
    if (state === "new" || state === "closed") return;
    this.#report({ type: "peer-state", peer: this.#id, state });
  }

  #reportSlot(type: "slot-muted" | "slot-unmuted", { mid }: RTCRtpTransceiver): void {
    if (mid !== null) this.#report({ type, peer: this.#id, mid });
  }
}

function sizeOf(track: MediaStreamTrack): PictureSize {
  const { width, height } = track.getSettings();
  return width === undefined || height === undefined ? {} : { width, height };
}
