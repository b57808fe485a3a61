import { FullScreenIcon, Icon, IconButton, PipIcon, ShareIcon, ZoomInIcon, ZoomOutIcon } from "@parlor/ui";
import { useRef, useState } from "preact/hooks";

import { Picture, useTrack, useView } from "../media.tsx";
import { sharersOf } from "../model/sharers.ts";
import { useCall, usePage, useUi } from "../page.ts";
import { popOut } from "../pop-out.tsx";
import { nameOf } from "../watch.ts";
import { CaptionText } from "./caption-strip.tsx";

/** How far an arrow key moves a screen that is larger than its place. */
const PAN_PIXELS = 80;

/** Somebody's screen, uncropped; below it whose it is, what is said, and how it is shown. */
export function SharedScreen(props: { id: string }) {
  const page = usePage();
  const { stage, dock } = page.language.texts;
  const frame = useRef<HTMLDivElement>(null);
  const [isWhole, setWhole] = useState(true);
  const person = useCall((state) => state.participants.get(props.id));
  const screen = useTrack(props.id, "screen-video");
  const captions = useUi((ui) => ui.captions);
  useView(props.id, "screen-video", frame, "screen");
  const name = person ? nameOf(page, person) : "";
  return (
    <div class="sh-col">
      <div class="sh-main" ref={frame}>
        {screen.track ? isWhole ? <div class="sh-fit" role="img" aria-label={stage.screenOf(name)}><Picture track={screen.track} isWhole /></div> : <Pannable track={screen.track} name={`${stage.screenOf(name)}. ${stage.pan}`} /> : <p class="sh-wait">{stage.loading}</p>}
      </div>
      <div class="shbar">
        <Whose id={props.id} name={name} />
        {captions.isOn ? <CaptionText size={captions.size} /> : null}
        <div class="shctl">
          <IconButton name={isWhole ? stage.zoomIn : stage.zoomOut} icon={isWhole ? ZoomInIcon : ZoomOutIcon} tip="left" onClick={() => setWhole(!isWhole)} />
          {screen.track && page.embedded === null ? <IconButton name={stage.popOut} icon={PipIcon} tip="left" onClick={() => void popOut(page, props.id)} /> : null}
          {document.fullscreenEnabled ? <IconButton name={dock.fullScreen} icon={FullScreenIcon} tip="left" onClick={() => void frame.current?.requestFullscreen()} /> : null}
        </div>
      </div>
    </div>
  );
}

/** Whose screen it is; with several, tabs to choose from. */
function Whose(props: { id: string; name: string }) {
  const page = usePage();
  const { stage } = page.language.texts;
  const sharers = useCall((state) => sharersOf(state).join(" ")).split(" ");
  if (sharers.length < 2) return <p class="whosh"><Icon of={ShareIcon} size={17} /> <span>{stage.screenOf(props.name)}</span></p>;
  return (
    <div class="whosh seg" role="group" aria-label={stage.screens}>
      {sharers.map((id) => <ScreenTab key={id} id={id} isChosen={id === props.id} />)}
    </div>
  );
}

function ScreenTab(props: { id: string; isChosen: boolean }) {
  const page = usePage();
  const { stage } = page.language.texts;
  const name = useCall((state) => state.participants.get(props.id)?.userName) || page.language.texts.guest;
  return <button type="button" aria-pressed={props.isChosen} onClick={() => page.ui.update({ screenOf: props.id })}>{stage.screenOf(name)}</button>;
}

/** The screen at its own size: dragged, scrolled, or moved by the arrow keys. */
function Pannable(props: { track: MediaStreamTrack; name: string }) {
  const box = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; y: number } | null>(null);
  const steps: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-PAN_PIXELS, 0], ArrowRight: [PAN_PIXELS, 0], ArrowUp: [0, -PAN_PIXELS], ArrowDown: [0, PAN_PIXELS] };
  const follow = (event: PointerEvent) => {
    if (!drag.current) return;
    box.current?.scrollBy(drag.current.x - event.clientX, drag.current.y - event.clientY);
    drag.current = { x: event.clientX, y: event.clientY };
  };
  return (
    <div
      class="sh-pan"
      ref={box}
      role="group"
      aria-label={props.name}
      tabIndex={0}
      onKeyDown={(event) => {
        const step = steps[event.key];
        if (!step) return;
        event.preventDefault();
        box.current?.scrollBy(...step);
      }}
      onPointerDown={(event) => {
        drag.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={follow}
      onPointerUp={() => {
        drag.current = null;
      }}
    >
      <Picture track={props.track} isActual />
    </div>
  );
}
