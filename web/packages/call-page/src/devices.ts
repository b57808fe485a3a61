/** Choosing devices: what there is, what is chosen, and remembering it. */
import type { CallState, Device } from "@parlor/browser";
import { writeKept } from "@parlor/ui";

import type { Page } from "./page.ts";
import type { Texts } from "./texts.ts";
import { KEPT } from "./ui-state.ts";

/** The three kinds of device. */
export type DeviceKind = "mic" | "camera" | "speaker";

const BROWSER_KIND = { mic: "audioinput", camera: "videoinput", speaker: "audiooutput" } as const;

/** The devices of a kind, with a name for each. */
export function devicesOf(state: CallState, kind: DeviceKind, texts: Texts): { device: Device; label: string }[] {
  const all = state.devices.available.filter((device) => device.kind === BROWSER_KIND[kind] && device.deviceId !== "");
  return all.map((device, index) => ({ device, label: device.label || texts.prejoin.unnamed(texts.prejoin[kind], index + 1) }));
}

/** The id of the device in use, or `""`. */
export function chosenDevice(state: CallState, kind: DeviceKind): string {
  return state.devices[kind]?.deviceId ?? "";
}

/** Switches to a device and remembers it in this browser. */
export function chooseDevice(page: Page, kind: DeviceKind, deviceId: string): void {
  writeKept(KEPT[kind], deviceId);
  if (kind === "speaker") page.call.setSpeaker(deviceId);
  else void page.call.setDevices({ [kind]: { kind: "device", deviceId } });
}

/** Whether this browser can choose where sound goes. */
export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}
