/** Input, send and receive settings. */
import type { CaptureOptions } from "@parlor/browser";

import type { Actions } from "../actions.ts";
import { deviceChoice, type TrackShelf } from "../app-tracks.ts";
import type { Machine } from "../machine.ts";
import { isRecord, recordOf, stringOf, type Fields } from "../message.ts";
import { applyProcessors } from "../processors.ts";
import { receiveOf } from "../receive-settings.ts";
import { sendSettingsOf } from "../send-settings.ts";

/** Before initialization the client keeps choices in its own cache. */
const FROM_CACHE = { returnPreloadCache: true } as const;

export const settingsActions: Actions = {
  "update-input-settings": async (machine, fields) => {
    if (!machine.isInitialized) return FROM_CACHE;
    const change = recordOf(fields["inputSettings"]);
    machine.settings.mergeInput(change);
    const devices = devicesIn(change, machine.shelves());
    if (Object.keys(devices).length > 0) await machine.call.setDevices(devices);
    await applyProcessors(machine, change);
    machine.channel.send("input-settings-updated", { inputSettings: machine.settings.input });
    return { inputSettings: machine.settings.input };
  },

  "update-send-settings": async (machine, fields) => {
    machine.settings.mergeSend(fields["sendSettings"]);
    return updateSendSettings(machine);
  },

  "update-receive-settings": (machine, fields) => {
    machine.settings.mergeReceive(fields["receiveSettings"], machine.call.state.participants.keys());
    machine.applyReceiveSettings();
    machine.channel.send("receive-settings-updated", { receiveSettings: machine.settings.receive });
    return { receiveSettings: machine.settings.receive };
  },

  "get-single-participant-receive-settings": (machine, fields) => ({
    receiveSettings: receiveOf(machine.settings.receive, stringOf(fields["id"]) ?? "base", fields["showInheritedValues"] === true),
  }),

  "set-bandwidth": async (machine, { kbs, trackConstraints }) => {
    machine.settings.maxVideoKbps = typeof kbs === "number" && kbs > 0 ? kbs : null;
    await machine.call.setSendSettings(sendSettingsOf(machine.settings));
    if (isRecord(trackConstraints)) await machine.call.setDevices({ videoConstraints: trackConstraints as MediaTrackConstraints });
    return null;
  },
};

/** Sends as the settings say, and tells the client what they are now. */
export async function updateSendSettings(machine: Machine): Promise<Fields> {
  await machine.call.setSendSettings(sendSettingsOf(machine.settings));
  machine.channel.send("send-settings-updated", { sendSettings: machine.settings.send });
  return { sendSettings: machine.settings.send };
}

function devicesIn(change: Record<string, unknown>, shelves: readonly TrackShelf[]): CaptureOptions {
  const settingsOf = (kind: "audio" | "video"): Record<string, unknown> => recordOf(recordOf(change[kind])["settings"]);
  const choice = (kind: "audio" | "video"): ReturnType<typeof deviceChoice> => {
    const settings = settingsOf(kind);
    return deviceChoice(settings["customTrack"] ?? settings["deviceId"], kind, shelves);
  };
  const mic = choice("audio");
  const camera = choice("video");
  const audioConstraints = constraintsIn(settingsOf("audio"));
  const videoConstraints = constraintsIn(settingsOf("video"));
  return {
    ...(mic ? { mic } : {}),
    ...(camera ? { camera } : {}),
    ...(audioConstraints ? { audioConstraints } : {}),
    ...(videoConstraints ? { videoConstraints } : {}),
  };
}

function constraintsIn({ deviceId: _device, customTrack: _track, ...constraints }: Record<string, unknown>): MediaTrackConstraints | undefined {
  return Object.keys(constraints).length > 0 ? (constraints as MediaTrackConstraints) : undefined;
}
