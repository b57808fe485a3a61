/**
 * Runs the engine: feeds it events one at a time, does what it wants done,
 * and tells listeners. The only place where engine and browser meet.
 */
import { initialEngine, reduce, type CallState, type Effect, type Engine, type EngineEvent, type IceServer } from "@parlor/engine";

import type { IceConfig } from "./call.ts";
import { Capture } from "./capture.ts";
import type { CodecPreferences } from "./codec.ts";
import { configurationOf } from "./ice.ts";
import { LogReporter } from "./log-report.ts";
import { PeerConnection, type PeerOptions } from "./peer-connection.ts";
import type { SendSettings } from "./send-settings.ts";
import { CallSocket, requestJoin, socketUrl } from "./signalling.ts";
import type { CallEvent } from "./state.ts";
import { Timers } from "./timers.ts";

type StateListener = (state: CallState, before: CallState) => void;
type EventListener = (event: CallEvent) => void;

/** One engine and its browser side. */
export class Runner {
  engine: Engine = initialEngine();
  readonly capture = new Capture((fact) => this.dispatch(fact));
  readonly reporter = new LogReporter();
  /** How videos are sent. */
  sending: SendSettings = {};
  codecs: CodecPreferences = {};
  /** Stands in for the server, where one is set. */
  proxy: string | null = null;
  #ice: IceConfig = {};
  readonly #timers = new Timers((timer) => this.dispatch({ type: "timer-fired", timer }));
  readonly #stateListeners = new Set<StateListener>();
  readonly #eventListeners = new Set<EventListener>();
  readonly #queue: EngineEvent[] = [];
  #isRunning = false;
  #socket: { readonly id: number; readonly socket: CallSocket } | null = null;
  #peer: { readonly id: number; readonly connection: PeerConnection } | null = null;

  /** The peer connection, while there is one. */
  get connection(): PeerConnection | null {
    return this.#peer?.connection ?? null;
  }

  subscribe(listener: StateListener): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  observe(listener: EventListener): () => void {
    this.#eventListeners.add(listener);
    return () => void this.#eventListeners.delete(listener);
  }

  /** Tells listeners of something that the engine knows nothing of. */
  tell(event: CallEvent): void {
    for (const listener of [...this.#eventListeners]) listener(event);
  }

  /** Other ways through the network, for a running connection too. */
  setIce(ice: IceConfig): void {
    this.#ice = ice;
    this.#peer?.connection.configure(configurationOf(this.engine.iceServers, ice));
    this.dispatch({ type: "restart-media" });
  }

  /** Another one, for a call beside this one, that goes the same ways. */
  sibling(): Runner {
    const sibling = new Runner();
    sibling.proxy = this.proxy;
    sibling.#ice = this.#ice;
    return sibling;
  }

  /** Takes an event; at once, or after the one that is being taken. */
  dispatch(event: EngineEvent): void {
    this.#queue.push(event);
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#turn(next);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Resolves with the first value that `look` finds in the engine. */
  until<T>(look: (engine: Engine) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const value = look(this.engine);
        if (value === undefined) return;
        stop();
        resolve(value);
      };
      const stop = this.subscribe(check);
      check();
    });
  }

  #turn(event: EngineEvent): void {
    const before = this.engine;
    const { state, effects } = reduce(before, event);
    this.engine = state;
    for (const effect of effects) this.#run(effect);
    for (const effect of effects) if (effect.type === "emit") this.tell(effect.event);
    if (state !== before) for (const listener of [...this.#stateListeners]) listener(state.call, before.call);
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case "request-join":
        return void requestJoin(effect.request, this.proxy ?? effect.server, effect.body).then((fact) => this.dispatch(fact));
      case "open-socket":
        return this.#openSocket(effect.socket, socketUrl(this.proxy ?? effect.server, effect.callUrl));
      case "close-socket":
        return this.#closeSocket(effect.socket);
      case "send":
        return this.#socket?.id === effect.socket ? this.#socket.socket.send(effect.message) : undefined;
      case "start-timer":
        return this.#timers.start(effect.timer, effect.ms);
      case "stop-timer":
        return this.#timers.stop(effect.timer);
      case "capture":
        return void this.capture.start(effect.capture, effect.sources);
      case "capture-screen":
        return void this.capture.startScreen(effect.capture);
      case "forget-device":
        return this.capture.forget(effect.source);
      case "release":
        return this.capture.release(effect.source);
      case "enable":
        return this.capture.enable(effect.source, effect.on);
      case "report-as":
        return this.reporter.begin({ ...effect, server: this.proxy ?? effect.server });
      case "emit":
        // Once all else is done, see #turn.
        return undefined;
      default:
        return this.#runPeer(effect);
    }
  }

  #runPeer(effect: Extract<Effect, { readonly peer: number }>): void {
    if (effect.type === "create-peer") {
      const connection = new PeerConnection(effect.peer, this.#peerOptions(effect.iceServers), (fact) => this.dispatch(fact));
      this.#peer = { id: effect.peer, connection };
      for (const source of effect.senders) connection.addSender(source);
      connection.addSlots(effect.audioSlots, effect.videoSlots);
      return undefined;
    }
    if (this.#peer?.id !== effect.peer) return undefined;
    const { connection } = this.#peer;
    switch (effect.type) {
      case "close-peer":
        this.#peer = null;
        return connection.close();
      case "add-sender":
        return connection.addSender(effect.source);
      case "rename-sender":
        return connection.renameSender(effect.from, effect.to);
      case "add-slots":
        return connection.addSlots(effect.audio, effect.video);
      case "set-layers":
        return connection.setLayers(effect.source, effect.rids);
      case "create-offer":
        return void connection.createOffer(effect.restartIce);
      case "apply-answer":
        return void connection.applyAnswer(effect.sdp);
      case "attach":
        return void connection.attach(effect.source, effect.trackId === null ? null : (this.capture.track(effect.source) ?? null));
      default:
        return effect satisfies never;
    }
  }

  #peerOptions(own: readonly IceServer[]): PeerOptions {
    return {
      configuration: configurationOf(own, this.#ice),
      sending: this.sending,
      codecs: this.codecs,
      isAdaptive: isAdaptive(this.engine.call),
      hasFec: this.engine.call.effective?.properties["enable_opus_fec"] !== false,
    };
  }

  #openSocket(id: number, url: string): void {
    this.#socket?.socket.close();
    this.#socket = { id, socket: new CallSocket(id, url, (fact) => this.dispatch(fact)) };
  }

  #closeSocket(id: number): void {
    if (this.#socket?.id !== id) return;
    this.#socket.socket.close();
    this.#socket = null;
  }
}

/** Whether the smallest encoding too rests when nobody receives it: as the room's properties say, for two and for more. */
export function isAdaptive({ effective, participants }: CallState): boolean {
  const properties = effective?.properties ?? {};
  if (properties["enable_adaptive_simulcast"] === false) return false;
  return participants.size <= 1 || properties["enable_multiparty_adaptive_simulcast"] === true;
}
