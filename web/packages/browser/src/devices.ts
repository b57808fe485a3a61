/** Which devices there are. */
import type { Device } from "@parlor/engine";

/** All devices, as plain data. Empty where the browser has none to tell of. */
export async function listDevices(): Promise<readonly Device[]> {
  if (!navigator.mediaDevices?.enumerateDevices) return [];
  const infos = await navigator.mediaDevices.enumerateDevices();
  return infos.map(({ deviceId, groupId, kind, label }) => ({ deviceId, groupId, kind, label }));
}

/** The device that a track comes from; what the track itself knows, if the list does not have it. */
export async function describeDevice(track: MediaStreamTrack): Promise<Device | null> {
  const { deviceId, groupId } = track.getSettings();
  const kind = track.kind === "audio" ? "audioinput" : "videoinput";
  const devices = await listDevices();
  const listed = devices.find((device) => device.kind === kind && device.deviceId === deviceId);
  if (listed) return listed;
  return deviceId === undefined ? null : { deviceId, groupId: groupId ?? "", kind, label: track.label };
}

/** The device after the present one, around the end; `null` if there is no other. */
export function nextDevice(devices: readonly Device[], kind: Device["kind"], present: Device | null): Device | null {
  const candidates = devices.filter((device) => device.kind === kind && device.deviceId !== "" && device.deviceId !== "communications");
  const index = candidates.findIndex(({ deviceId }) => deviceId === present?.deviceId);
  const next = candidates[(index + 1) % candidates.length];
  return next === undefined || next.deviceId === present?.deviceId ? null : next;
}
