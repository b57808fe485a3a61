import { Menu, MenuGroup, MenuItem } from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { canChooseSpeaker, chooseDevice, chosenDevice, devicesOf, type DeviceKind } from "../devices.ts";
import { setBlur, setNoiseReduction } from "../effects.ts";
import { useCall, usePage, useUi } from "../page.ts";

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
      {props.kind === "camera" ? <BackgroundChoices close={close} /> : <NoiseChoices close={close} />}
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

/** What is behind one: as it is, or blurred by the browser. */
function BackgroundChoices(props: { close: () => void }) {
  const page = usePage();
  const { effects: texts } = page.language.texts;
  const may = useCall((state) => abilitiesOf(page, state).blur);
  const isOn = useUi((ui) => ui.effects.blur);
  const choose = (next: boolean) => () => {
    props.close();
    void setBlur(page, next);
  };
  if (!may) return null;
  return (
    <MenuGroup title={texts.background}>
      <MenuItem isChecked={!isOn} onChoose={choose(false)}>{texts.none}</MenuItem>
      <MenuItem isChecked={isOn} onChoose={choose(true)}>{texts.blur}</MenuItem>
    </MenuGroup>
  );
}

function NoiseChoices(props: { close: () => void }) {
  const page = usePage();
  const { dock, effects: texts } = page.language.texts;
  const may = useCall((state) => abilitiesOf(page, state).noise);
  const isOn = useUi((ui) => ui.effects.noise);
  const choose = (next: boolean) => () => {
    props.close();
    void setNoiseReduction(page, next);
  };
  if (!may) return null;
  return (
    <MenuGroup title={texts.noise}>
      <MenuItem isChecked={isOn} onChoose={choose(true)}>{dock.on}</MenuItem>
      <MenuItem isChecked={!isOn} onChoose={choose(false)}>{dock.off}</MenuItem>
    </MenuGroup>
  );
}
