import { Menu, MenuItem } from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { toggleHand } from "../gestures.ts";
import { useCall, usePage, useUi } from "../page.ts";
import { togglePip } from "../pip.tsx";
import { toggleFullScreen, toggleLayout } from "./actions.ts";
import { useCopy } from "./copy.ts";

/** What is not needed every minute. */
export function MoreMenu() {
  const page = usePage();
  const { dock, settings } = page.language.texts;
  const { copy } = useCopy(page.address.url);
  const isGrid = useUi((ui) => ui.layout === "grid" && ui.pinned === null);
  const hasLayouts = useCall((state) => state.participants.size > 1);
  const mayFullScreen = useCall((state) => abilitiesOf(page, state).fullScreen);
  const mayRaise = useCall((state) => abilitiesOf(page, state).hand);
  const mayPip = useCall((state) => abilitiesOf(page, state).pip);
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
      {mayPip ? <MenuItem onChoose={choose(() => void togglePip(page))}>{dock.pip}</MenuItem> : null}
      {mayFullScreen ? <MenuItem onChoose={choose(() => toggleFullScreen(page))}>{document.fullscreenElement ? dock.leaveFullScreen : dock.fullScreen}</MenuItem> : null}
      <MenuItem onChoose={choose(copy)}>{dock.copyLink}</MenuItem>
      <hr />
      <MenuItem onChoose={() => page.ui.update({ menu: null, dialog: "shortcuts" })}>{dock.shortcuts}</MenuItem>
      <MenuItem onChoose={() => page.ui.update({ menu: null, dialog: "settings" })}>{settings}</MenuItem>
    </Menu>
  );
}
