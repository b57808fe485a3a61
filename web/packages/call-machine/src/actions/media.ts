/** Microphone, camera, screen and devices. */
import type { CaptureOptions } from "@parlor/browser";

import type { Action, Actions } from "../actions.ts";
import { deviceChoice, screenStreamOn } from "../app-tracks.ts";
import { isRecord, recordOf, stringOf } from "../message.ts";
import { selectedDevices } from "../translate.ts";

/** Before initialization the client keeps choices in its own cache. */
const FROM_CACHE = { returnPreloadCache: true } as const;

const devicesInUse: Action = (machine) => (machine.isInitialized ? { ...selectedDevices(machine.call.state) } : FROM_CACHE);

export const mediaActions: Actions = {
  "local-audio": (machine, { state }) => machine.call.setLocalAudio(state === true),
  "local-video": (machine, { state }) => machine.call.setLocalVideo(state === true),
  "set-allow-local-audio": (machine, { state }) => machine.call.setLocalAudio(state === true),
  "set-allow-local-video": (machine, { state }) => machine.call.setLocalVideo(state === true),

  "set-input-devices": async (machine, fields) => {
    if (!machine.isInitialized) return FROM_CACHE;
    const mic = deviceChoice(fields["audioDeviceId"], "audio", machine.shelves());
    const camera = deviceChoice(fields["videoDeviceId"], "video", machine.shelves());
    await machine.call.setDevices({ ...(mic ? { mic } : {}), ...(camera ? { camera } : {}) });
    return { ...selectedDevices(machine.call.state) };
  },

  "set-output-device": async (machine, fields) => {
    if (!machine.isInitialized) return FROM_CACHE;
    const deviceId = stringOf(fields["outputDeviceId"]) ?? "";
    const devices = await machine.call.enumerateDevices();
    if (!devices.some((device) => device.kind === "audiooutput" && device.deviceId === deviceId)) {
      return { error: { type: "not-found", message: `There is no speaker with the id '${deviceId}'.` } };
    }
    machine.call.setSpeaker(deviceId);
    return { ...selectedDevices(machine.call.state) };
  },

  "get-input-devices": devicesInUse,
  "cycle-camera": async (machine) => ({ device: await machine.call.cycleCamera() }),
  "cycle-mic": async (machine) => ({ device: await machine.call.cycleMic() }),
  "enumerate-devices": async (machine) => ({ devices: await machine.call.enumerateDevices() }),

  "local-screen-start": (machine, fields) => {
    const options = recordOf(fields["captureOptions"]);
    const stream = options["mediaStream"] === undefined ? undefined : screenStreamOn(machine.shelves());
    const display = options["displayMediaOptions"];
    machine.call.startScreenShare({ ...(stream ? { stream } : {}), ...(isRecord(display) ? { display } : {}) });
  },
  "local-screen-stop": (machine) => machine.call.stopScreenShare(),

  "update-input-settings": async (machine, fields) => {
    if (!machine.isInitialized) return FROM_CACHE;
    const change = recordOf(fields["inputSettings"]);
    machine.settings.mergeInput(change);
    await machine.call.setDevices(devicesIn(change, machine.shelves()));
    machine.channel.send("input-settings-updated", { inputSettings: machine.settings.input });
    return { inputSettings: machine.settings.input };
  },

  "update-send-settings": (machine, fields) => {
    machine.settings.mergeSend(fields["sendSettings"]);
    machine.channel.send("send-settings-updated", { sendSettings: machine.settings.send });
    return { sendSettings: machine.settings.send };
  },

  "update-receive-settings": (machine, fields) => {
    machine.settings.mergeReceive(fields["receiveSettings"]);
    machine.channel.send("receive-settings-updated", { receiveSettings: machine.settings.receive });
    return { receiveSettings: machine.settings.receive };
  },

  "get-single-participant-receive-settings": (machine, fields) => ({
    receiveSettings: machine.settings.receiveOf(stringOf(fields["id"]) ?? "base", fields["showInheritedValues"] === true),
  }),

  "start-local-audio-level-observer": (machine, { interval }) => machine.levels.local.start(interval),
  "stop-local-audio-level-observer": (machine) => machine.levels.local.stop(),
  "start-remote-participants-audio-level-observer": (machine, { interval }) => machine.levels.remote.start(interval),
  "stop-remote-participants-audio-level-observer": (machine) => machine.levels.remote.stop(),
};

function devicesIn(change: Record<string, unknown>, shelves: Parameters<typeof deviceChoice>[2]): CaptureOptions {
  const choice = (kind: "audio" | "video"): ReturnType<typeof deviceChoice> => {
    const settings = recordOf(recordOf(change[kind])["settings"]);
    return deviceChoice(settings["customTrack"] ?? settings["deviceId"], kind, shelves);
  };
  const mic = choice("audio");
  const camera = choice("video");
  return { ...(mic ? { mic } : {}), ...(camera ? { camera } : {}) };
}
