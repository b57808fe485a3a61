import { applyTheme, Dialog, writeKept, type Theme } from "@parlor/ui";
import { useId } from "preact/hooks";

import { abilitiesOf } from "./abilities.ts";
import { SHORTCUT_KEYS, type Shortcut } from "./model/shortcuts.ts";
import { usePage, useUi } from "./page.ts";
import { KEPT } from "./ui-state.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** Whatever dialog is open. */
export function Dialogs() {
  const page = usePage();
  const { close: closeName, dialogs } = page.language.texts;
  const open = useUi((ui) => ui.dialog);
  const close = () => page.ui.update({ dialog: null });
  if (open === null) return null;
  return (
    <Dialog key={open} title={open === "settings" ? dialogs.settings : dialogs.shortcuts} closeName={closeName} onClose={close}>
      {open === "settings" ? <Settings /> : <ShortcutList />}
    </Dialog>
  );
}

function Settings() {
  const page = usePage();
  const { dialogs } = page.language.texts;
  const theme = useUi((ui) => ui.theme);
  const hasShortcuts = useUi((ui) => ui.hasShortcuts);
  const title = useId();
  const hint = useId();
  const choose = (next: Theme) => {
    applyTheme(next);
    page.ui.update({ theme: next });
  };
  return (
    <div class="settings">
      <div class="row">
        <span id={title}>{dialogs.theme}</span>
        <div class="seg" role="group" aria-labelledby={title}>
          {THEMES.map((name) => (
            <button key={name} type="button" aria-pressed={theme === name} onClick={() => choose(name)}>{dialogs.themes[name]}</button>
          ))}
        </div>
      </div>
      <div class="row">
        <span>
          {dialogs.shortcutsOn}
          <small id={hint}>{dialogs.shortcutsHint}</small>
        </span>
        <button
          type="button"
          class="switch"
          role="switch"
          aria-checked={hasShortcuts}
          aria-label={dialogs.shortcutsOn}
          aria-describedby={hint}
          onClick={() => {
            writeKept(KEPT.shortcuts, hasShortcuts ? "off" : "");
            page.ui.update({ hasShortcuts: !hasShortcuts });
          }}
        />
      </div>
    </div>
  );
}

function ShortcutList() {
  const page = usePage();
  const { names } = page.language.texts.dialogs;
  const may = abilitiesOf(page, page.call.state);
  const needs: Partial<Record<Shortcut, boolean>> = { mic: may.mic, talk: may.mic, camera: may.camera, share: may.share, react: may.react, hand: may.hand, people: may.people, chat: may.chat, "full-screen": may.fullScreen };
  return (
    <dl class="keys">
      {SHORTCUT_KEYS.filter(([shortcut]) => needs[shortcut] ?? true).map(([shortcut, key]) => (
        <div key={shortcut}>
          <dt>{names[shortcut]}</dt>
          <dd><kbd class="kbd">{key}</kbd></dd>
        </div>
      ))}
    </dl>
  );
}
