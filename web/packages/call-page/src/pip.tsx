/** The call in a small window of its own that stays in front: who speaks, and the controls that matter. */
import { CameraIcon, CameraOffIcon, IconButton, LeaveIcon, MicIcon, MicOffIcon } from "@parlor/ui";
import { render } from "preact";
import { useEffect } from "preact/hooks";

import { abilitiesOf } from "./abilities.ts";
import { toggleCamera, toggleMic } from "./call/actions.ts";
import { Tile } from "./call/tile.tsx";
import { isSent, PageProvider, useCall, usePage, useUi, type Page } from "./page.ts";
import { leaveCall } from "./session.ts";

/** Chromium's windows for whole documents; other browsers have none. */
interface PipWindows {
  readonly window: Window | null;
  requestWindow(options: { readonly width: number; readonly height: number }): Promise<Window>;
}

const SIZE = { width: 360, height: 270 };

function pipWindows(): PipWindows | null {
  return (window as Window & { readonly documentPictureInPicture?: PipWindows }).documentPictureInPicture ?? null;
}

/** Opens the small window, or closes it. Where there is none for whole documents (other browsers, frames), the speaker's picture floats. */
export async function togglePip(page: Page): Promise<void> {
  const windows = page.embedded ? null : pipWindows();
  if (!windows) return floatPicture(page);
  if (windows.window) return windows.window.close();
  try {
    fill(page, await windows.requestWindow(SIZE));
  } catch {
    page.ui.update({ toast: { text: page.language.texts.toast.pipFailed, isError: true } });
  }
}

async function floatPicture(page: Page): Promise<void> {
  if (document.pictureInPictureElement) return document.exitPictureInPicture();
  const pictures = [".sh-main video", ".tile.speaks video", ".tile.main video", ".tile:not(.small) video"];
  const picture = pictures.map((selector) => document.querySelector<HTMLVideoElement>(selector)).find((video) => video !== null);
  try {
    if (!picture) throw new Error("nobody's picture is on the screen");
    picture.disablePictureInPicture = false;
    await picture.requestPictureInPicture();
    page.ui.update({ isPip: true });
    picture.addEventListener("leavepictureinpicture", () => page.ui.update({ isPip: false }), { once: true });
  } catch {
    page.ui.update({ toast: { text: page.language.texts.toast.pipFailed, isError: true } });
  }
}

/** Gives another window the page's language, theme and style. */
export function furnish(page: Page, small: Window): void {
  const { documentElement } = small.document;
  documentElement.lang = page.language.code;
  Object.assign(documentElement.dataset, document.documentElement.dataset);
  small.document.title = page.roomName;
  small.document.adoptedStyleSheets = [styleFor(small)];
}

function fill(page: Page, small: Window): void {
  const { body } = small.document;
  furnish(page, small);
  render(<PageProvider value={page}><SmallCall close={() => small.close()} /></PageProvider>, body);
  page.ui.update({ isPip: true });
  small.addEventListener("pagehide", () => {
    render(null, body);
    page.ui.update({ isPip: false });
  });
}

/** The page's own style, made by script: sheets of one document do not fit another. */
function styleFor(small: Window): CSSStyleSheet {
  const sheets = [...document.styleSheets, ...document.adoptedStyleSheets];
  const text = sheets.flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join("\n");
  const sheet = new (small as Window & typeof globalThis).CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}

function SmallCall(props: { close: () => void }) {
  const page = usePage();
  const { dock, stage } = page.language.texts;
  const isInCall = useUi((ui) => ui.screen === "call");
  const shown = useCall((state) => {
    const speaker = state.activeSpeaker;
    return speaker !== null && state.participants.has(speaker) ? speaker : ([...state.participants.keys()].at(0) ?? "local");
  });
  const isMicOff = useCall((state) => !isSent(state.local.tracks["cam-audio"].state));
  const isCameraOff = useCall((state) => !isSent(state.local.tracks["cam-video"].state));
  const mayMic = useCall((state) => abilitiesOf(page, state).mic);
  const mayCamera = useCall((state) => abilitiesOf(page, state).camera);
  useEffect(() => {
    if (!isInCall) props.close();
  }, [isInCall]);
  return (
    <main class="pip" aria-label={stage.name}>
      <div class="pip-stage"><Tile key={shown} id={shown} look="main" as="div" hasNoActions /></div>
      <div class="pip-bar" role="toolbar" aria-label={dock.name}>
        {mayMic ? <IconButton name={isMicOff ? dock.unmute : dock.mute} icon={isMicOff ? MicOffIcon : MicIcon} class={isMicOff ? "muted" : ""} tip="none" onClick={() => toggleMic(page)} /> : null}
        {mayCamera ? <IconButton name={isCameraOff ? dock.startVideo : dock.stopVideo} icon={isCameraOff ? CameraOffIcon : CameraIcon} class={isCameraOff ? "muted" : ""} tip="none" onClick={() => toggleCamera(page)} /> : null}
        <IconButton name={dock.leave} icon={LeaveIcon} class="leave" tip="none" onClick={() => leaveCall(page)} />
      </div>
    </main>
  );
}
