import { CameraIcon, DownIcon, Icon, MicIcon, SpeakerIcon, type IconShape } from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { canChooseSpeaker, chooseDevice, chosenDevice, devicesOf, type DeviceKind } from "../devices.ts";
import { useCall, usePage } from "../page.ts";

const ICONS: Readonly<Record<DeviceKind, IconShape>> = { mic: MicIcon, camera: CameraIcon, speaker: SpeakerIcon };

/** Microphone, speaker and camera to choose from; what cannot be chosen is not there. */
export function DeviceSelects() {
  const page = usePage();
  const devices = useCall((state) => state.devices);
  const mayMic = useCall((state) => abilitiesOf(page, state).mic);
  const mayCamera = useCall((state) => abilitiesOf(page, state).camera);
  const { texts } = page.language;
  const has = (kind: DeviceKind) => devicesOf({ ...page.call.state, devices }, kind, texts).length > 0;
  const kinds: DeviceKind[] = [];
  if (mayMic && has("mic")) kinds.push("mic");
  if (canChooseSpeaker() && has("speaker")) kinds.push("speaker");
  if (mayCamera && has("camera")) kinds.push("camera");
  if (kinds.length === 0) return null;
  return (
    <div class="devs">
      {kinds.map((kind) => (
        <DeviceSelect key={kind} kind={kind} />
      ))}
    </div>
  );
}

function DeviceSelect(props: { kind: DeviceKind }) {
  const page = usePage();
  const { texts } = page.language;
  const devices = useCall((state) => state.devices);
  const state = { ...page.call.state, devices };
  const options = devicesOf(state, props.kind, texts);
  const chosen = chosenDevice(state, props.kind) || (options[0]?.device.deviceId ?? "");
  const label = options.find((option) => option.device.deviceId === chosen)?.label ?? "";
  return (
    <div class={`select ${props.kind}`} title={label}>
      <Icon of={ICONS[props.kind]} size={17} />
      <select aria-label={texts.prejoin[props.kind]} value={chosen} onChange={(event) => chooseDevice(page, props.kind, event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.device.deviceId} value={option.device.deviceId}>{option.label}</option>
        ))}
      </select>
      <Icon of={DownIcon} size={16} />
    </div>
  );
}
