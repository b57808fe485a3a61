/** Microphone, camera, screen and devices. */
import type { Action, Actions } from "../actions.ts";
import { deviceChoice, screenStreamOn } from "../app-tracks.ts";
import { booleanOf, isRecord, recordOf, stringOf } from "../message.ts";
import { selectedDevices } from "../translate.ts";
import { updateSendSettings } from "./settings.ts";

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
    machine.settings.mergeDevices(fields["audioDeviceId"], fields["videoDeviceId"]);
    machine.channel.send("input-settings-updated", { inputSettings: machine.settings.input });
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

  "local-screen-start": async (machine, fields) => {
    const options = recordOf(fields["captureOptions"]);
    const stream = options["mediaStream"] === undefined ? undefined : screenStreamOn(machine.shelves());
    const display = options["displayMediaOptions"];
    const settings = options["screenVideoSendSettings"];
    machine.call.startScreenShare({ ...(stream ? { stream } : {}), ...(isRecord(display) ? { display } : {}) });
    if (settings === undefined) return;
    machine.settings.mergeSend({ screenVideo: settings });
    await updateSendSettings(machine);
  },
  "local-screen-update": (machine, fields) => {
    const options = recordOf(fields["options"]);
    const video = booleanOf(recordOf(options["screenVideo"])["enabled"]);
    const audio = booleanOf(recordOf(options["screenAudio"])["enabled"]);
    machine.call.updateScreenShare({ ...(video === undefined ? {} : { video }), ...(audio === undefined ? {} : { audio }) });
  },
  "local-screen-stop": (machine) => machine.call.stopScreenShare(),

  "start-local-audio-level-observer": (machine, { interval }) => machine.levels.local.start(interval),
  "stop-local-audio-level-observer": (machine) => machine.levels.local.stop(),
  "start-remote-participants-audio-level-observer": (machine, { interval }) => machine.levels.remote.start(interval),
  "stop-remote-participants-audio-level-observer": (machine) => machine.levels.remote.stop(),
};
