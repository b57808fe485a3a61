/** Everything one can do in a call, by name: for the list of commands. */
import { abilitiesOf } from "./abilities.ts";
import { runShortcut, toggleFullScreen } from "./call/actions.ts";
import { muteAll } from "./host.ts";
import { letAllIn } from "./knocks.ts";
import { SHORTCUT_KEYS, type Shortcut } from "./model/shortcuts.ts";
import type { Page } from "./page.ts";
import { togglePip } from "./pip.tsx";
import { toggleRecording } from "./recording.ts";
import { leaveCall } from "./session.ts";

/** Something to do. */
export interface Command {
  readonly name: string;
  /** The key that does the same. */
  readonly key?: string;
  readonly run: () => void;
}

/** What can be done now. */
export function commandsOf(page: Page): Command[] {
  const { texts } = page.language;
  const may = abilitiesOf(page, page.call.state);
  const { waiting, participants } = page.call.state;
  const needs: Partial<Record<Shortcut, boolean>> = { mic: may.mic, talk: false, camera: may.camera, share: may.share, react: may.react, hand: may.hand, people: may.people, chat: may.chat, captions: may.captions, "full-screen": false, commands: false, help: true, layout: participants.size > 1 };
  const byKey = SHORTCUT_KEYS.filter(([shortcut]) => needs[shortcut] ?? true).map(([shortcut, key]) => ({ name: texts.dialogs.names[shortcut], key, run: () => runShortcut(page, shortcut) }));
  const more: (Command | false)[] = [
    may.admin && participants.size > 0 && { name: texts.people.muteAll, run: () => muteAll(page) },
    may.admin && waiting.size > 0 && { name: texts.knock.letAllIn, run: () => letAllIn(page) },
    may.record !== null && { name: page.ui.value.isRecording ? texts.record.stop : texts.record.start, run: () => void toggleRecording(page) },
    may.pip && { name: texts.dock.pip, run: () => void togglePip(page) },
    may.fullScreen && { name: texts.dock.fullScreen, key: "F", run: () => toggleFullScreen(page) },
    { name: page.ui.value.isSelfHidden ? texts.stage.showSelf : texts.stage.hideSelf, run: () => page.ui.update({ isSelfHidden: !page.ui.value.isSelfHidden }) },
    { name: texts.settings, run: () => page.ui.update({ dialog: "settings" }) },
    may.leave && { name: texts.dock.leave, run: () => leaveCall(page) },
  ];
  return [...byKey, ...more.filter((command) => command !== false)];
}
