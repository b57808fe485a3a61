/** A rig that drives the engine by events, as a browser and a room would. */
import type { JoinAnswer, ParticipantView, ServerMessage, TrackSource, TrackState } from "@parlor/protocol";

import { initialEngine, reduce, type CallEvent, type Effect, type Engine, type EngineEvent, type Intent } from "../src/index.ts";

export const INTENT: Intent = { server: "http://parlor.test", room: "den" };

const PERMISSIONS = { hasPresence: true, canSend: true, canReceive: { base: true }, canAdmin: false };

/** What the server answers to a join. */
export function joinAnswer(properties: Record<string, unknown> = {}): JoinAnswer {
  return {
    call_url: "/_parlor/call",
    ticket: "ticket-1",
    participant: "me",
    log_pass: "pass-1",
    ice_servers: [],
    room: { id: "room-1", name: "den", domainName: "local", config: {}, domainConfig: {}, tokenConfig: {} },
    effective: { user_name: "", is_name_fixed: false, is_owner: false, access: "full", permissions: PERMISSIONS, properties },
  };
}

/** A participant as the room tells of one. */
export function view(id: string, tracks: Partial<Record<TrackSource, TrackState>> = {}, rest: Partial<ParticipantView> = {}): ParticipantView {
  return { id, user_id: id, user_name: `${id}'s name`, is_owner: false, joined_at: 1000, permissions: PERMISSIONS, tracks, is_recording: false, network: "unknown", ...rest };
}

/** The room's first word. */
export function welcome(rest: Partial<Extract<ServerMessage, { type: "welcome" }>> = {}): ServerMessage {
  return {
    type: "welcome",
    participant: view("me"),
    is_resumed: false,
    resume_secret: "secret-1",
    meeting: "meeting-1",
    now: 2000,
    participants: [],
    hidden: 0,
    session_data: {},
    slots: [],
    active_speaker: null,
    waiting: [],
    deliveries: [],
    ...rest,
  };
}

/** An engine, and what it wanted done since last asked. */
export class Rig {
  engine: Engine = initialEngine();
  effects: Effect[] = [];

  /** Lets something happen; gives the effects of just that. */
  on(event: EngineEvent): readonly Effect[] {
    const { state, effects } = reduce(this.engine, event);
    this.engine = state;
    this.effects.push(...effects);
    return effects;
  }

  get call(): Engine["call"] {
    return this.engine.call;
  }

  /** The newest effect of a type. */
  last<T extends Effect["type"]>(type: T): Extract<Effect, { type: T }> {
    const found = this.effects.findLast((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
    if (!found) throw new Error(`no effect ${type}; there were ${this.effects.map((effect) => effect.type).join(", ")}`);
    return found;
  }

  /** Messages sent, by type. */
  sent(type: string): unknown[] {
    return this.effects.flatMap((effect) => (effect.type === "send" && effect.message.type === type ? [effect.message] : []));
  }

  emitted<T extends CallEvent["type"]>(type: T): Extract<CallEvent, { type: T }>[] {
    const events = this.effects.flatMap((effect) => (effect.type === "emit" ? [effect.event] : []));
    return events.filter((event): event is Extract<CallEvent, { type: T }> => event.type === type);
  }

  /** The room says something on the current socket. */
  hear(message: ServerMessage): readonly Effect[] {
    return this.on({ type: "socket-message", socket: this.last("open-socket").socket, message });
  }

  /** Devices start as asked. */
  capture(): void {
    const { capture, sources } = this.last("capture");
    const results = Object.fromEntries(sources.map((source) => [source, { trackId: `${source}-${capture}`, device: null }]));
    this.on({ type: "captured", capture, results });
  }

  /** The browser makes the offer that is wanted, with two slots. */
  offer(): void {
    const { peer } = this.last("create-offer");
    this.on({
      type: "offer-created",
      peer,
      sdp: "offer",
      sends: [
        { mid: "0", source: "cam-audio" },
        { mid: "1", source: "cam-video" },
      ],
      slots: [
        { mid: "2", trackId: "slot-audio" },
        { mid: "3", trackId: "slot-video" },
      ],
    });
  }

  /** Everything up to phase `joined`. */
  join(rest: Partial<Extract<ServerMessage, { type: "welcome" }>> = {}, intent: Partial<Intent> = {}): void {
    this.on({ type: "join", intent: { ...INTENT, ...intent } });
    this.on({ type: "join-answered", request: this.last("request-join").request, answer: joinAnswer() });
    this.offer();
    this.on({ type: "socket-opened", socket: this.last("open-socket").socket });
    this.hear(welcome(rest));
    if (this.effects.some((effect) => effect.type === "capture")) this.capture();
    this.hear({ type: "answer", sdp: "answer" });
    this.on({ type: "peer-state", peer: this.last("create-peer").peer, state: "connected" });
  }
}
