/** Joining, leaving, and what comes before. */
import { CallFailure, type JoinOptions, type VideoCodec } from "@parlor/browser";

import type { Actions, Outcome } from "../actions.ts";
import { deviceWishes, type DeviceWishes } from "../app-tracks.ts";
import type { Machine } from "../machine.ts";
import { booleanOf, recordOf, stringOf, type Fields } from "../message.ts";
import { applyProcessors } from "../processors.ts";
import { selectedDevices } from "../translate.ts";
import { accessOf } from "../translate/access.ts";

/** What the two objects of a join, start or preauth message say. */
interface Start {
  readonly properties: Record<string, unknown>;
  readonly cache: Record<string, unknown>;
  readonly devices: DeviceWishes;
}

export const lifecycleActions: Actions = {
  "join-meeting": async (machine, fields) => {
    const start = begin(machine, fields);
    const { properties, cache, devices } = start;
    if (cache["subscribeToTracksAutomatically"] === false) machine.call.subscribeToAll(false);
    startObservers(machine, cache);
    const speaker = stringOf(cache["outputDeviceId"]);
    if (speaker !== undefined) machine.call.setSpeaker(speaker);
    const options = { ...roomOptions(properties), ...devices.capture, ...startStates(machine, start), ...userData(properties), ...codecsOf(properties) };
    return outcomeOf(machine, machine.call.join(options));
  },

  "leave-meeting": (machine) => machine.leave(),

  "daily-method-preauth": async (machine, fields) => {
    const { properties } = begin(machine, fields);
    await machine.call.preAuth(roomOptions(properties));
    return { access: accessOf(machine.call.state) };
  },

  "start-camera": async (machine, fields) => {
    const { properties, devices } = begin(machine, fields);
    if (properties["startAudioOff"] === true || !devices.allowAudio) machine.call.setLocalAudio(false);
    if (properties["startVideoOff"] === true || !devices.allowVideo) machine.call.setLocalVideo(false);
    machine.cameraProperties = properties;
    await machine.call.startCamera(devices.capture);
    return selectedDevices(machine.call.state);
  },

  "lib-room-info": (machine, fields) => roomInfo(machine, fields["includeRoomConfigDefaults"] !== false),

  "transmit-log": (machine, fields) => transmitLog(machine, fields),
};

function begin(machine: Machine, fields: Fields): Start {
  const properties = recordOf(fields["properties"]);
  const cache = recordOf(fields["preloadCache"]);
  machine.url = stringOf(properties["url"]) ?? machine.url;
  machine.token = stringOf(properties["token"]);
  if (!machine.isInitialized) logAboutClient(machine, properties["aboutClient"]);
  machine.initialize(properties, cache);
  return { properties, cache, devices: deviceWishes(properties, cache, machine.shelves()) };
}

/** daily-js limits it to ten short words and their values. */
function logAboutClient({ call }: Machine, about: unknown): void {
  const words = Object.entries(recordOf(about)).map(([key, value]) => `${key} ${String(value)}`);
  if (words.length > 0) call.log(2, `about the client: ${words.join(", ")}`);
}

/**
 * Success is `joined-meeting`, failure is `error`, and neither is a reply: all
 * versions understand that. Only who left meanwhile would wait for ever.
 */
async function outcomeOf(machine: Machine, join: Promise<void>): Promise<Outcome> {
  try {
    await join;
    await applyProcessors(machine, machine.settings.input);
  } catch (cause) {
    if (!(cause instanceof CallFailure)) throw cause;
    if (cause.error === null) return { error: cause.message };
  }
  return null;
}

/** Preferred formats: daily-js knows one wish, and we more under a name of our own. */
function codecsOf(properties: Record<string, unknown>): Partial<JoinOptions> {
  const config = recordOf(properties["dailyConfig"]);
  const { videoCodec } = recordOf(config["parlor"]);
  const own = VIDEO_CODECS.find((codec) => codec === videoCodec);
  const codec = (key: string): VideoCodec | undefined => (config["preferH264"] === true || config[key] === true ? "h264" : own);
  const camera = codec("preferH264ForCam");
  const screen = codec("preferH264ForScreenSharing");
  return { codecs: { ...(camera ? { camera } : {}), ...(screen ? { screen } : {}) } };
}

const VIDEO_CODECS: readonly VideoCodec[] = ["vp8", "vp9", "av1", "h264"];

function roomOptions(properties: Record<string, unknown>): JoinOptions {
  const token = stringOf(properties["token"]);
  const userName = stringOf(properties["userName"]);
  return {
    url: stringOf(properties["url"]) ?? "",
    ...(token === undefined ? {} : { token }),
    ...(userName === undefined ? {} : { userName }),
  };
}

function userData(properties: Record<string, unknown>): Partial<JoinOptions> {
  const data = properties["userData"];
  return data === undefined || data === null ? {} : { userData: data };
}

/** What `startCamera` already settled (and the person may have switched since) is not settled again. */
function startStates(machine: Machine, { properties, devices }: Start): Partial<JoinOptions> {
  const started = machine.cameraProperties;
  const state = (key: "startVideoOff" | "startAudioOff", isAllowed: boolean): boolean | undefined => {
    if (!isAllowed) return true;
    const wanted = booleanOf(properties[key]);
    return started && started[key] === wanted ? undefined : wanted;
  };
  const startVideoOff = state("startVideoOff", devices.allowVideo);
  const startAudioOff = state("startAudioOff", devices.allowAudio);
  return {
    ...(startVideoOff === undefined ? {} : { startVideoOff }),
    ...(startAudioOff === undefined ? {} : { startAudioOff }),
  };
}

function startObservers(machine: Machine, cache: Record<string, unknown>): void {
  const local = recordOf(cache["localAudioLevelObserver"]);
  const remote = recordOf(cache["remoteParticipantsAudioLevelObserver"]);
  if (local["enabled"] === true) machine.levels.local.start(local["interval"]);
  if (remote["enabled"] === true) machine.levels.remote.start(remote["interval"]);
}

/** Codes of the client have four digits; the log takes no larger numbers than these. */
const MAX_CODE = 1_000_000;

/** The client's own lines go into the call's log: how long the bundle took, objects used after their end. */
function transmitLog(machine: Machine, fields: Fields): void {
  const { level, code } = fields;
  const { event, time } = recordOf(fields["stats"]);
  const took = typeof time === "number" ? ` took ${Math.round(time)} ms` : "";
  const text = `daily-js: ${stringOf(event) ?? "note"}${took}`;
  machine.call.log(level === "error" ? 0 : level === "warn" ? 1 : 2, text, typeof code === "number" && Number.isInteger(code) && Math.abs(code) <= MAX_CODE ? code : undefined);
}

function roomInfo(machine: Machine, withDefaults: boolean): Fields {
  const { room, effective } = machine.call.state;
  if (!room) return { error: "The room is not known before joining or preAuth()." };
  const { config, ...rest } = room;
  return { ...rest, config: withDefaults ? { ...defaultsOf(effective?.properties ?? {}, room.tokenConfig), ...config } : config };
}

/** Properties as they apply, without those that only the token brought. */
function defaultsOf(properties: Record<string, unknown>, tokenConfig: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !(name in tokenConfig)));
}
