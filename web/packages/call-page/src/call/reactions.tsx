import { Menu, MenuItem } from "@parlor/ui";

import { react, wordFor } from "../gestures.ts";
import { REACTIONS } from "../model/signal.ts";
import { usePage } from "../page.ts";

/** The six reactions over the bar. The tray stays open: who claps, claps more than once. */
export function ReactionTray() {
  const page = usePage();
  const { reactions } = page.language.texts;
  return (
    <Menu name={reactions.name} class="tray" onClose={() => page.ui.update({ menu: null })}>
      {REACTIONS.map(([emoji]) => (
        <MenuItem key={emoji} onChoose={() => react(page, emoji)}>
          <span aria-hidden="true">{emoji}</span>
          <span class="vh">{wordFor(page, emoji)}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}

/** The same as a row of the phone's sheet. */
export function ReactionRow() {
  const page = usePage();
  const { reactions } = page.language.texts;
  return (
    <div class="react-row" role="group" aria-label={reactions.name}>
      {REACTIONS.map(([emoji]) => (
        <button key={emoji} type="button" aria-label={wordFor(page, emoji)} onClick={() => react(page, emoji)}>{emoji}</button>
      ))}
    </div>
  );
}
