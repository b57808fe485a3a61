import { Menu, MenuGroup, MenuItem } from "@parlor/ui";

import { canChooseSpeaker, chooseDevice, chosenDevice, devicesOf, type DeviceKind } from "../devices.ts";
import { useCall, usePage } from "../page.ts";

/** The devices behind the little arrow: microphone and speaker, or camera. */
export function DeviceMenu(props: { kind: "mic" | "camera" }) {
  const page = usePage();
  const { dock } = page.language.texts;
  const close = () => page.ui.update({ menu: null });
  const hasSpeakers = props.kind === "mic" && canChooseSpeaker();
  return (
    <Menu name={props.kind === "mic" ? dock.micMenu : dock.cameraMenu} onClose={close}>
      <DeviceChoices kind={props.kind} />
      {hasSpeakers ? <DeviceChoices kind="speaker" /> : null}
    </Menu>
  );
}

function DeviceChoices(props: { kind: DeviceKind }) {
  const page = usePage();
  const { texts } = page.language;
  const devices = useCall((state) => state.devices);
  const state = { ...page.call.state, devices };
  const options = devicesOf(state, props.kind, texts);
  const chosen = chosenDevice(state, props.kind);
  const title = texts.prejoin[props.kind];
  if (options.length === 0 && props.kind === "speaker") return null;
  return (
    <MenuGroup title={title}>
      {options.length === 0 ? <MenuItem onChoose={() => undefined}>{texts.prejoin.noDevice(title)}</MenuItem> : null}
      {options.map(({ device, label }, index) => (
        <MenuItem
          key={device.deviceId}
          isChecked={chosen === "" ? props.kind === "speaker" && index === 0 : device.deviceId === chosen}
          onChoose={() => {
            chooseDevice(page, props.kind, device.deviceId);
            page.ui.update({ menu: null });
          }}
        >
          {label}
        </MenuItem>
      ))}
    </MenuGroup>
  );
}
