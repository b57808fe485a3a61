import { useState } from "preact/hooks";

import { useCall, usePage } from "../page.ts";
import { Tile } from "./tile.tsx";

type Corner = { readonly x: "left" | "right"; readonly y: "top" | "bottom" };

/** Two people: the other fills the stage, oneself floats in a corner. */
export function DuoStage() {
  const { stage } = usePage().language.texts;
  const other = useCall((state) => [...state.participants.keys()].at(0));
  const [corner, setCorner] = useState<Corner>({ x: "right", y: "bottom" });
  const move = (event: KeyboardEvent) => {
    const next = moved(corner, event.key);
    if (!next) return;
    event.preventDefault();
    setCorner(next);
  };
  return (
    <div class="duo">
      <ul class="one" aria-label={stage.name}>{other === undefined ? null : <Tile key={other} id={other} look="main" hasNoActions />}</ul>
      <div class={`float ${corner.x} ${corner.y}`} role="group" tabIndex={0} aria-label={stage.ownTile} onKeyDown={move}>
        <Tile id="local" look="small" as="div" />
      </div>
    </div>
  );
}

function moved(corner: Corner, key: string): Corner | null {
  switch (key) {
    case "ArrowLeft":
      return { ...corner, x: "left" };
    case "ArrowRight":
      return { ...corner, x: "right" };
    case "ArrowUp":
      return { ...corner, y: "top" };
    case "ArrowDown":
      return { ...corner, y: "bottom" };
    default:
      return null;
  }
}
