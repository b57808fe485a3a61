import { Icon, Menu, MenuItem, MoreIcon, writeKept } from "@parlor/ui";

import { useCall, usePage, useUi } from "../page.ts";
import { CORNERS, KEPT, type Corner } from "../ui-state.ts";
import { useHasSelf } from "./grid-stage.tsx";
import { Nearby } from "./person-menu.tsx";
import { Tile } from "./tile.tsx";

/** Two people: the other fills the stage, oneself floats in a corner. */
export function DuoStage() {
  const { stage } = usePage().language.texts;
  const other = useCall((state) => [...state.participants.keys()].at(0));
  return (
    <div class="duo">
      <ul class="one" aria-label={stage.name}>{other === undefined ? null : <Tile key={other} id={other} look="main" />}</ul>
      {useHasSelf() ? <Floating /> : null}
    </div>
  );
}

/** One's own picture in the corner that one chose: by menu, or by the arrow keys. */
function Floating() {
  const page = usePage();
  const { stage } = page.language.texts;
  const corner = useUi((ui) => ui.corner);
  const isOpen = useUi((ui) => ui.menu === "corner");
  const [y, x] = corner.split("-");
  const place = (next: Corner) => {
    writeKept(KEPT.corner, next);
    page.ui.update({ corner: next, menu: null });
  };
  const move = (event: KeyboardEvent) => {
    const next = isOpen ? null : moved(corner, event.key);
    if (!next) return;
    event.preventDefault();
    place(next);
  };
  return (
    <div class={`float ${x} ${y}`} role="group" tabIndex={0} aria-label={stage.ownTile} onKeyDown={move}>
      <Tile id="local" look="small" as="div" />
      <div class={isOpen ? "tilebtns stays" : "tilebtns"} data-menu-owner>
        <button type="button" aria-label={stage.ownTileMenu} title={stage.ownTileMenu} aria-haspopup="menu" aria-expanded={isOpen} onClick={() => page.ui.update({ menu: isOpen ? null : "corner" })}><Icon of={MoreIcon} size={16} /></button>
        {isOpen ? (
          <Nearby>
            <Menu name={stage.ownTileMenu} onClose={() => page.ui.update({ menu: null })}>
              {CORNERS.map((one) => <MenuItem key={one} isChecked={one === corner} onChoose={() => place(one)}>{stage.corners[one]}</MenuItem>)}
              <hr />
              <MenuItem onChoose={() => page.ui.update({ menu: null, isSelfHidden: true })}>{stage.hideSelf}</MenuItem>
            </Menu>
          </Nearby>
        ) : null}
      </div>
    </div>
  );
}

function moved(corner: Corner, key: string): Corner | null {
  const isTop = corner.startsWith("top");
  const isLeft = corner.endsWith("left");
  switch (key) {
    case "ArrowLeft":
      return isTop ? "top-left" : "bottom-left";
    case "ArrowRight":
      return isTop ? "top-right" : "bottom-right";
    case "ArrowUp":
      return isLeft ? "top-left" : "top-right";
    case "ArrowDown":
      return isLeft ? "bottom-left" : "bottom-right";
    default:
      return null;
  }
}
