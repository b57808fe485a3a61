/**
 * Where an application's own tracks and device choices are, by version: the
 * messages only carry a placeholder for a track, since tracks cannot travel.
 */
import type { CaptureOptions, DeviceChoice } from "@parlor/browser";

import { recordOf, stringOf } from "./message.ts";

/** What a message has in a track's place. */
export const PLACEHOLDER = "daily-custom-track";

/** The objects in which the client leaves tracks: newest version first. */
export type TrackShelf = Readonly<Record<string, unknown>>;

type Kind = "audio" | "video";

/** Finds the track that the application passed just now. */
function trackOn(shelves: readonly TrackShelf[], kind: Kind): MediaStreamTrack | undefined {
  for (const shelf of shelves) {
    for (const key of [`${kind}Track`, `${kind}DeviceId`]) {
      const value = shelf[key];
      if (isTrack(value)) return value;
    }
  }
  return undefined;
}

function isTrack(value: unknown): value is MediaStreamTrack {
  return typeof value === "object" && value !== null && "kind" in value && "readyState" in value;
}

/** The stream that `startScreenShare` was given, if any. */
export function screenStreamOn(shelves: readonly TrackShelf[]): MediaStream | undefined {
  const stream = shelves.map((shelf) => shelf["screenMediaStream"]).find((value) => typeof value === "object" && value !== null);
  return stream as MediaStream | undefined;
}

/** The track that `startCustomTrack` was given. */
export function customTrackOn(shelves: readonly TrackShelf[]): MediaStreamTrack | undefined {
  return shelves.map((shelf) => shelf["customTrack"]).find(isTrack);
}

/** The track that a test of the connection was given. */
export function testTrackOn(shelves: readonly TrackShelf[], test: "ConnectionQuality" | "NetworkConnectivity"): MediaStreamTrack | undefined {
  return shelves.map((shelf) => shelf[`videoTrackFor${test}Test`]).find(isTrack);
}

/** What a message wants of camera and microphone. */
export interface DeviceWishes {
  readonly capture: CaptureOptions;
  /** `false`: the application wants none of this device. */
  readonly allowAudio: boolean;
  readonly allowVideo: boolean;
}

/** A device choice as messages spell it: an id, the placeholder, or `false` for none. */
export function deviceChoice(value: unknown, kind: Kind, shelves: readonly TrackShelf[]): DeviceChoice | undefined {
  if (value === PLACEHOLDER) {
    const track = trackOn(shelves, kind);
    return track ? { kind: "track", track } : undefined;
  }
  const deviceId = stringOf(value);
  return deviceId === undefined || deviceId === "" ? undefined : { kind: "device", deviceId };
}

/** The choices in a join, start or preauth message; the newer places win. */
export function deviceWishes(properties: unknown, preloadCache: unknown, shelves: readonly TrackShelf[]): DeviceWishes {
  const cache = recordOf(preloadCache);
  const inputs = [recordOf(recordOf(properties)["inputSettings"]), recordOf(cache["inputSettings"])];
  const mic = choiceOf("audio", inputs, cache, shelves);
  const camera = choiceOf("video", inputs, cache, shelves);
  const audioConstraints = constraintsOf("audio", inputs, properties);
  const videoConstraints = constraintsOf("video", inputs, properties);
  return {
    capture: {
      ...(mic ? { mic } : {}),
      ...(camera ? { camera } : {}),
      ...(audioConstraints ? { audioConstraints } : {}),
      ...(videoConstraints ? { videoConstraints } : {}),
    },
    allowAudio: cache["allowLocalAudio"] !== false && cache["audioDeviceId"] !== false,
    allowVideo: cache["allowLocalVideo"] !== false && cache["videoDeviceId"] !== false,
  };
}

function choiceOf(kind: Kind, inputs: readonly Record<string, unknown>[], cache: Record<string, unknown>, shelves: readonly TrackShelf[]): DeviceChoice | undefined {
  for (const input of inputs) {
    const settings = recordOf(recordOf(input[kind])["settings"]);
    const choice = deviceChoice(settings["customTrack"] ?? settings["deviceId"], kind, shelves);
    if (choice) return choice;
  }
  return deviceChoice(cache[`${kind}DeviceId`], kind, shelves);
}

/** Constraints of the application: in settings, or under `dailyConfig` before 0.76. */
function constraintsOf(kind: Kind, inputs: readonly Record<string, unknown>[], properties: unknown): MediaTrackConstraints | undefined {
  const config = recordOf(recordOf(properties)["dailyConfig"]);
  const legacy = config[kind === "audio" ? "userMediaAudioConstraints" : "userMediaVideoConstraints"];
  const settings = inputs.map((input) => recordOf(recordOf(input[kind])["settings"])).find((value) => Object.keys(value).length > 0);
  const { deviceId: _device, customTrack: _track, ...constraints } = { ...recordOf(legacy), ...settings };
  return Object.keys(constraints).length > 0 ? (constraints as MediaTrackConstraints) : undefined;
}
