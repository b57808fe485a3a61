/** The peer connection: transceivers by source, slots by mid, offers. */
import type { Fact, TrackSource } from "@parlor/engine";

import { withStartBitrate } from "./start-bitrate.ts";

/** What one layer may use. More makes faces sharper; less spares uplinks. */
const ENCODINGS: Readonly<Partial<Record<TrackSource, RTCRtpEncodingParameters>>> = {
  "cam-video": { maxBitrate: 1_500_000, maxFramerate: 30 },
  "screen-video": { maxBitrate: 2_500_000, maxFramerate: 30 },
};

/** One peer connection with its senders and slots. */
export class PeerConnection {
  readonly #id: number;
  readonly #report: (fact: Fact) => void;
  readonly #connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
  readonly #senders = new Map<TrackSource, RTCRtpTransceiver>();
  readonly #slots: RTCRtpTransceiver[] = [];

  constructor(id: number, report: (fact: Fact) => void) {
    this.#id = id;
    this.#report = report;
    this.#connection.addEventListener("connectionstatechange", () => this.#reportState());
  }

  addSender(source: TrackSource): void {
    const encoding = ENCODINGS[source];
    const transceiver = this.#connection.addTransceiver(kindOf(source), {
      direction: "sendonly",
      ...(encoding ? { sendEncodings: [encoding] } : {}),
    });
    this.#senders.set(source, transceiver);
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
    const sender = this.#senders.get(source)?.sender;
    if (!sender) return;
    try {
      await sender.replaceTrack(track);
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
        sends: [...this.#senders].flatMap(([source, { mid }]) => (mid === null ? [] : [{ mid, source }])),
        slots: this.#slots.flatMap(({ mid, receiver }) => (mid === null ? [] : [{ mid, trackId: receiver.track.id }])),
      });
    } catch (cause) {
      this.#fail(cause);
    }
  }

  async applyAnswer(sdp: string): Promise<void> {
    try {
      await this.#connection.setRemoteDescription({ type: "answer", sdp: withStartBitrate(sdp) });
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

function kindOf(source: TrackSource): "audio" | "video" {
  return source === "cam-audio" || source === "screen-audio" ? "audio" : "video";
}
