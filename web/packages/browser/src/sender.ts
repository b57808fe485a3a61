/** One sender: its transceiver, how it sends, and which of its encodings anybody receives. */
import { kindOf, type TrackSource } from "@parlor/engine";

import { preferCodec, scalabilityOf, type VideoCodec } from "./codec.ts";
import { fitted, sentRids, type Encoding, type PictureSize, type SendPlan } from "./send-settings.ts";

/** How a sender begins. */
export interface SenderOptions {
  /** Of a picture. */
  readonly plan: SendPlan | null;
  readonly codec: VideoCodec | undefined;
  /** Whether the smallest encoding too rests when nobody receives it, unless the plan says. */
  readonly isAdaptive: boolean;
}

/** Brings plans and wishes to a transceiver's encodings, one after the other. */
export class Sender {
  readonly transceiver: RTCRtpTransceiver;
  #source: TrackSource;
  /** The format that is preferred; `undefined`: as the room says. */
  readonly codec: VideoCodec | undefined;
  readonly #scalability: string | undefined;
  #plan: SendPlan | null;
  #size: PictureSize = {};
  /** `null`: nobody said; all are received. */
  #wanted: readonly string[] | null = null;
  #isAdaptive: boolean;
  #last: Promise<void> = Promise.resolve();

  constructor(connection: RTCPeerConnection, source: TrackSource, { plan, codec, isAdaptive }: SenderOptions) {
    this.#source = source;
    this.#plan = plan;
    this.#isAdaptive = isAdaptive;
    this.codec = codec;
    this.#scalability = scalabilityOf(codec);
    const sendEncodings = plan ? this.#encodings(plan) : [];
    this.transceiver = connection.addTransceiver(kindOf(source), { direction: "sendonly", ...(plan ? { sendEncodings } : {}) });
    if (codec) preferCodec(this.transceiver, codec);
  }

  /** What it carries. */
  get source(): TrackSource {
    return this.#source;
  }

  /** It carries another source from now on, of which nobody said yet what is received. */
  rename(source: TrackSource, plan: SendPlan | null): void {
    this.#source = source;
    this.#wanted = null;
    if (plan) void this.setPlan(plan);
  }

  /** How it sends from now on. */
  setPlan(plan: SendPlan): Promise<void> {
    this.#plan = plan;
    return this.#apply();
  }

  /** How large its pictures are from now on. */
  fit(size: PictureSize): Promise<void> {
    const [before, after] = [this.#fitted(), this.#fitted(size)];
    this.#size = size;
    return JSON.stringify(before) === JSON.stringify(after) ? this.#last : this.#apply();
  }

  /** Which encodings somebody receives. */
  setWanted(rids: readonly string[]): Promise<void> {
    this.#wanted = rids;
    return this.#apply();
  }

  /** Whether the smallest encoding too rests when nobody receives it, unless the plan says. */
  setAdaptive(isAdaptive: boolean): Promise<void> {
    if (isAdaptive === this.#isAdaptive) return this.#last;
    this.#isAdaptive = isAdaptive;
    return this.#apply();
  }

  /** After an answer: a room that takes a single encoding leaves the first one, which is to be the best. */
  settle(): Promise<void> {
    const isSingle = this.#plan !== null && this.transceiver.sender.getParameters().encodings.length === 1;
    return isSingle && this.#scalability === undefined ? this.#apply() : this.#last;
  }

  /** Only one change of parameters may be under way. */
  #apply(): Promise<void> {
    this.#last = this.#last.then(() => this.#write()).catch(() => {
      // A closed connection, or a format without such parameters: it goes on as it was.
    });
    return this.#last;
  }

  async #write(): Promise<void> {
    const plan = this.#fitted();
    const { sender } = this.transceiver;
    const parameters = sender.getParameters();
    if (!plan || parameters.encodings.length === 0) return;
    const isSingle = parameters.encodings.length === 1;
    parameters.encodings = parameters.encodings.map((present, index) => {
      const encoding = isSingle ? best(plan) : (plan.encodings.find(({ rid }) => rid === present.rid) ?? plan.encodings[index]);
      return encoding ? { ...present, ...figuresOf(encoding), active: this.#isActive(plan, encoding, isSingle) } : present;
    });
    await sender.setParameters(parameters);
  }

  /** In one stream, browsers fit the sizes themselves. */
  #fitted(size = this.#size): SendPlan | null {
    return this.#plan && this.#scalability === undefined ? fitted(this.#plan, size) : this.#plan;
  }

  #encodings(plan: SendPlan): RTCRtpEncodingParameters[] {
    const only = best(plan);
    if (this.#scalability !== undefined && only) return [{ ...figuresOf(only), scalabilityMode: this.#scalability } as RTCRtpEncodingParameters];
    return plan.encodings.map((encoding) => ({ rid: encoding.rid, active: encoding.isActive, ...figuresOf(encoding) }));
  }

  #isActive(plan: SendPlan, { rid, isActive }: Encoding, isSingle: boolean): boolean {
    const wanted = this.#wanted;
    if (!isActive || wanted === null) return isActive;
    return isSingle ? wanted.length > 0 : sentRids(plan, wanted, this.#isAdaptive).has(rid);
  }
}

function best(plan: SendPlan): Encoding | undefined {
  return plan.encodings.findLast(({ isActive }) => isActive);
}

function figuresOf({ maxBitrate, maxFramerate, scaleResolutionDownBy }: Encoding): RTCRtpEncodingParameters {
  return { maxBitrate, maxFramerate, scaleResolutionDownBy };
}
