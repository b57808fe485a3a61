import { Menu, MenuItem } from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { toggleCaptions } from "../captions.ts";
import { toggleHand } from "../gestures.ts";
import { useCall, usePage, useUi } from "../page.ts";
import { togglePip } from "../pip.tsx";
import { toggleRecording } from "../recording.ts";
import { toggleFullScreen, toggleLayout } from "./actions.ts";
import { useCopy } from "./copy.ts";
import { TRAY_MOST } from "./tray-buttons.tsx";

/** What is not needed every minute. */
export function MoreMenu() {
  const page = usePage();
  const { dock, settings, stage } = page.language.texts;
  const { copy } = useCopy(page.address.url);
  const isGrid = useUi((ui) => ui.layout === "grid" && ui.pinned === null);
  const hasLayouts = useCall((state) => state.participants.size > 1);
  const mayFullScreen = useCall((state) => abilitiesOf(page, state).fullScreen);
  const mayRaise = useCall((state) => abilitiesOf(page, state).hand);
  const mayPip = useCall((state) => abilitiesOf(page, state).pip);
  const mayCaption = useCall((state) => abilitiesOf(page, state).captions);
  const isCaptioned = useUi((ui) => ui.captions.isOn);
  const buttons = useUi((ui) => ui.outline.buttons).slice(TRAY_MOST);
  const isSelfHidden = useUi((ui) => ui.isSelfHidden);
  const own = useCall((state) => state.local.id);
  const isRaised = useUi((ui) => ui.hands.has(own));
  const close = () => page.ui.update({ menu: null });
  const choose = (act: () => void) => () => {
    close();
    act();
  };
  return (
    <Menu name={dock.more} class="middle" onClose={close}>
      {mayRaise ? <MenuItem onChoose={choose(() => toggleHand(page))}>{isRaised ? dock.lowerHand : dock.raiseHand}</MenuItem> : null}
      {hasLayouts ? <MenuItem onChoose={choose(() => toggleLayout(page))}>{`${dock.layout}: ${isGrid ? dock.layoutSpeaker : dock.layoutGrid}`}</MenuItem> : null}
      {mayCaption ? <MenuItem onChoose={choose(() => toggleCaptions(page))}>{`${dock.captions}: ${isCaptioned ? dock.off : dock.on}`}</MenuItem> : null}
      <RecordItem choose={choose} />
      {buttons.map((button) => <MenuItem key={button.id} onChoose={choose(() => page.embedded?.pressButton(button.id))}>{button.label}</MenuItem>)}
      {mayPip ? <MenuItem onChoose={choose(() => void togglePip(page))}>{dock.pip}</MenuItem> : null}
      {mayFullScreen ? <MenuItem onChoose={choose(() => toggleFullScreen(page))}>{document.fullscreenElement ? dock.leaveFullScreen : dock.fullScreen}</MenuItem> : null}
      <MenuItem onChoose={choose(() => page.ui.update({ isSelfHidden: !isSelfHidden }))}>{isSelfHidden ? stage.showSelf : stage.hideSelf}</MenuItem>
      <MenuItem onChoose={choose(copy)}>{dock.copyLink}</MenuItem>
      <hr />
      <MenuItem onChoose={() => page.ui.update({ menu: null, dialog: "commands" })}>{dock.commands}</MenuItem>
      <MenuItem onChoose={() => page.ui.update({ menu: null, dialog: "shortcuts" })}>{dock.shortcuts}</MenuItem>
      <MenuItem onChoose={() => page.ui.update({ menu: null, dialog: "settings" })}>{settings}</MenuItem>
    </Menu>
  );
}

/** Record, of the kind that this room allows; for whom the token gives the button. */
function RecordItem(props: { choose: (act: () => void) => () => void }) {
  const page = usePage();
  const label = useRecordLabel();
  return label === null ? null : <MenuItem onChoose={props.choose(() => void toggleRecording(page))}>{label}</MenuItem>;
}

/** What the record button says; `null` where there is none. */
export function useRecordLabel(): string | null {
  const page = usePage();
  const { record: texts } = page.language.texts;
  const kind = useCall((state) => abilitiesOf(page, state).record);
  const isAsked = useUi((ui) => ui.isRecording);
  const isLocal = useCall((state) => state.local.isRecording);
  if (kind === null) return null;
  return isAsked || isLocal ? texts.stop : { cloud: texts.start, "raw-tracks": texts.startRaw, local: texts.startLocal }[kind];
}
