/** A shared screen in a window of its own: on another display, say. */
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Picture, useTrack, useView } from "./media.tsx";
import { furnish } from "./pip.tsx";
import { isSent, PageProvider, useCall, usePage, type Page } from "./page.ts";
import { nameOf } from "./watch.ts";

/** Opens the window; says so where the browser does not allow it. */
export async function popOut(page: Page, id: string): Promise<void> {
  const opened = window.open("", "", "popup,width=1024,height=640");
  if (!opened) return page.ui.update({ toast: { text: page.language.texts.toast.pipFailed, isError: true } });
  furnish(page, opened);
  render(<PageProvider value={page}><Screen id={id} close={() => opened.close()} /></PageProvider>, opened.document.body);
  const follow = () => opened.close();
  window.addEventListener("pagehide", follow);
  opened.addEventListener("pagehide", () => {
    window.removeEventListener("pagehide", follow);
    render(null, opened.document.body);
  });
}

function Screen(props: { id: string; close: () => void }) {
  const page = usePage();
  const { stage } = page.language.texts;
  const person = useCall((state) => state.participants.get(props.id));
  const screen = useTrack(props.id, "screen-video");
  const frame = useRef<HTMLElement>(null);
  useView(props.id, "screen-video", frame, "screen");
  const isOver = person === undefined || !isSent(screen.state);
  useEffect(() => {
    if (isOver) props.close();
  }, [isOver]);
  if (isOver || !screen.track) return null;
  const name = stage.screenOf(nameOf(page, person));
  return <main class="popped" ref={frame} aria-label={name}><Picture track={screen.track} isWhole /></main>;
}
