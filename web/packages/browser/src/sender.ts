/** One sender: its transceiver, how it sends, and which of its encodings anybody receives. */
import { kindOf, type TrackSource } from "@parlor/engine";

import type { Encoding, SendPlan } from "./send-settings.ts";

/** Brings plans and wishes to a transceiver's encodings, one after the other. */
export class Sender {
  readonly transceiver: RTCRtpTransceiver;
  readonly source: TrackSource;
  #plan: SendPlan | null;
  /** `null`: nobody said; all are received. */
  #wanted: readonly string[] | null = null;
  #isAdaptive: boolean;
  #last: Promise<void> = Promise.resolve();

  constructor(connection: RTCPeerConnection, source: TrackSource, plan: SendPlan | null, isAdaptive: boolean) {
    this.source = source;
    this.#plan = plan;
    this.#isAdaptive = isAdaptive;
    this.transceiver = connection.addTransceiver(kindOf(source), {
      direction: "sendonly",
      ...(plan ? { sendEncodings: firstEncodings(plan) } : {}),
    });
  }

  /** How it sends from now on. */
  setPlan(plan: SendPlan): Promise<void> {
    this.#plan = plan;
    return this.#apply();
  }

  /** Which encodings somebody receives. */
  setWanted(rids: readonly string[]): Promise<void> {
    this.#wanted = rids;
    return this.#apply();
  }

  /** Whether encodings that nobody receives rest, unless the plan says. */
  setAdaptive(isAdaptive: boolean): Promise<void> {
    if (isAdaptive === this.#isAdaptive) return this.#last;
    this.#isAdaptive = isAdaptive;
    return this.#apply();
  }

  /** Only one change of parameters may be under way. */
  #apply(): Promise<void> {
    this.#last = this.#last.then(() => this.#write()).catch(() => {
      // A closed connection, or a format without such parameters: it goes on as it was.
    });
    return this.#last;
  }

  async #write(): Promise<void> {
    const plan = this.#plan;
    const { sender } = this.transceiver;
    const parameters = sender.getParameters();
    if (!plan || parameters.encodings.length === 0) return;
    parameters.encodings = parameters.encodings.map((present, index) => {
      // Where the room took a single encoding, it has no name, and is the best.
      const isOnly = parameters.encodings.length === 1;
      const encoding = isOnly ? best(plan) : (plan.encodings.find(({ rid }) => rid === present.rid) ?? plan.encodings[index]);
      return encoding ? { ...present, ...parametersOf(encoding, this.#isActive(plan, encoding, isOnly)) } : present;
    });
    await sender.setParameters(parameters);
  }

  #isActive(plan: SendPlan, { rid, isActive }: Encoding, isOnly: boolean): boolean {
    const wanted = this.#wanted;
    if (!isActive || wanted === null || !(plan.isAdaptive ?? this.#isAdaptive)) return isActive;
    return isOnly ? wanted.length > 0 : wanted.includes(rid);
  }
}

/** Of several only the best, since rooms forward one. */
function firstEncodings(plan: SendPlan): RTCRtpEncodingParameters[] {
  const only = best(plan);
  if (!only) return [];
  const { rid: _, ...parameters } = parametersOf(only, true);
  return [parameters];
}

function best(plan: SendPlan): Encoding | undefined {
  return plan.encodings.findLast(({ isActive }) => isActive);
}

function parametersOf(encoding: Encoding, active: boolean): RTCRtpEncodingParameters {
  const { rid, maxBitrate, maxFramerate, scaleResolutionDownBy } = encoding;
  return { rid, active, maxBitrate, maxFramerate, scaleResolutionDownBy };
}
