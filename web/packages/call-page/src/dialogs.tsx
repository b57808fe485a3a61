import { Button, Dialog } from "@parlor/ui";
import { useId, useState } from "preact/hooks";

import { CaptionLog } from "./call/caption-strip.tsx";
import { CommandList } from "./command-list.tsx";
import { endForAll, remove } from "./host.ts";
import { abilitiesOf } from "./abilities.ts";
import { SHORTCUT_KEYS, type Shortcut } from "./model/shortcuts.ts";
import { useCall, usePage, useUi } from "./page.ts";
import { Settings } from "./settings.tsx";
import type { Texts } from "./texts.ts";
import type { OpenDialog } from "./ui-state.ts";
import { nameOf } from "./watch.ts";

/** Whatever dialog is open. */
export function Dialogs() {
  const page = usePage();
  const { texts } = page.language;
  const open = useUi((ui) => ui.dialog);
  const removed = useCall((state) => (open?.startsWith("remove:") ? state.participants.get(open.slice("remove:".length)) : undefined));
  const close = () => page.ui.update({ dialog: null });
  if (open === null || (open.startsWith("remove:") && !removed)) return null;
  return (
    <Dialog key={open} title={titleOf(open, texts, removed ? nameOf(page, removed) : "")} closeName={texts.close} onClose={close}>
      {contentOf(open)}
    </Dialog>
  );
}

function titleOf(open: OpenDialog, texts: Texts, name: string): string {
  switch (open) {
    case "settings":
      return texts.dialogs.settings;
    case "shortcuts":
      return texts.dialogs.shortcuts;
    case "commands":
      return texts.commands.name;
    case "captions":
      return texts.captions.log;
    case "rename":
      return texts.people.rename;
    case "end":
      return texts.people.endTitle;
    default:
      return texts.people.removeTitle(name);
  }
}

function contentOf(open: OpenDialog) {
  switch (open) {
    case "settings":
      return <Settings />;
    case "shortcuts":
      return <ShortcutList />;
    case "commands":
      return <CommandList />;
    case "captions":
      return <CaptionLog />;
    case "rename":
      return <Rename />;
    case "end":
      return <EndForAll />;
    default:
      return <Remove id={open.slice("remove:".length)} />;
  }
}

function Remove(props: { id: string }) {
  const page = usePage();
  const { people } = page.language.texts;
  return (
    <>
      <p class="ask">{people.removeText}</p>
      <div class="answers">
        <Button isFocusedFirst onClick={() => page.ui.update({ dialog: null })}>{people.keep}</Button>
        <Button look="danger" onClick={() => remove(page, props.id)}>{people.remove}</Button>
      </div>
    </>
  );
}

function EndForAll() {
  const page = usePage();
  const { dock, people } = page.language.texts;
  const others = useCall((state) => state.participants.size);
  return (
    <>
      <p class="ask">{people.endText(others)}</p>
      <div class="answers">
        <Button isFocusedFirst onClick={() => page.ui.update({ dialog: null })}>{people.stay}</Button>
        <Button look="danger" onClick={() => endForAll(page)}>{dock.endForAll}</Button>
      </div>
    </>
  );
}

function Rename() {
  const page = usePage();
  const { people } = page.language.texts;
  const field = useId();
  const [name, setName] = useState(page.call.state.local.userName);
  const save = (event: Event) => {
    event.preventDefault();
    page.call.setUserName(name.trim());
    page.ui.update({ dialog: null, name: name.trim() });
  };
  return (
    <form onSubmit={save}>
      <label class="label" for={field}>{people.yourName}</label>
      <input class="input" id={field} value={name} maxLength={256} autocomplete="name" autofocus onInput={(event) => setName(event.currentTarget.value)} />
      <div class="answers"><Button look="filled" isSubmit>{people.save}</Button></div>
    </form>
  );
}

function ShortcutList() {
  const page = usePage();
  const { names } = page.language.texts.dialogs;
  const may = abilitiesOf(page, page.call.state);
  const needs: Partial<Record<Shortcut, boolean>> = { mic: may.mic, talk: may.mic, camera: may.camera, share: may.share, react: may.react, hand: may.hand, people: may.people, chat: may.chat, captions: may.captions, "full-screen": may.fullScreen };
  const isMac = navigator.userAgent.includes("Mac");
  return (
    <dl class="keys">
      {SHORTCUT_KEYS.filter(([shortcut]) => needs[shortcut] ?? true).map(([shortcut, key]) => (
        <div key={shortcut}>
          <dt>{names[shortcut]}</dt>
          <dd><kbd class="kbd">{isMac ? key.replace("Ctrl", "⌘") : key}</kbd></dd>
        </div>
      ))}
      <div><dt>{names.regions}</dt><dd><kbd class="kbd">F6</kbd></dd></div>
    </dl>
  );
}
