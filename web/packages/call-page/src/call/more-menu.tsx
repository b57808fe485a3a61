import { Menu, MenuItem } from "@parlor/ui";

import { useCall, usePage, useUi } from "../page.ts";
import { toggleFullScreen, toggleLayout } from "./actions.ts";
import { useCopy } from "./alone-stage.tsx";

/** What is not needed every minute. */
export function MoreMenu() {
  const page = usePage();
  const { dock, settings } = page.language.texts;
  const { copy } = useCopy(page.address.url);
  const isGrid = useUi((ui) => ui.layout === "grid" && ui.pinned === null);
  const hasLayouts = useCall((state) => state.participants.size > 1);
  const close = () => page.ui.update({ menu: null });
  const choose = (act: () => void) => () => {
    close();
    act();
  };
  return (
    <Menu name={dock.more} class="middle" onClose={close}>
      {hasLayouts ? <MenuItem onChoose={choose(() => toggleLayout(page))}>{`${dock.layout}: ${isGrid ? dock.layoutSpeaker : dock.layoutGrid}`}</MenuItem> : null}
      <MenuItem onChoose={choose(toggleFullScreen)}>{document.fullscreenElement ? dock.leaveFullScreen : dock.fullScreen}</MenuItem>
      <MenuItem onChoose={choose(copy)}>{dock.copyLink}</MenuItem>
      <hr />
      <MenuItem onChoose={() => page.ui.update({ menu: null, dialog: "shortcuts" })}>{dock.shortcuts}</MenuItem>
      <MenuItem onChoose={() => page.ui.update({ menu: null, dialog: "settings" })}>{settings}</MenuItem>
    </Menu>
  );
}
