import { Avatar, classes, HandIcon, Icon, MicIcon, MicOffIcon, PinIcon, SpeakingBars, UnpinIcon } from "@parlor/ui";
import { useRef } from "preact/hooks";

import { placeInQueue } from "../gestures.ts";
import { Picture, useTrack } from "../media.tsx";
import { isReconnecting } from "../model/ending.ts";
import { useCall, usePage, useUi } from "../page.ts";
import { nameOf } from "../watch.ts";
import { useGlide, type Place } from "./measure.ts";

type TileProps = {
  /** A session id, or `local`. */
  id: string;
  place?: Place;
  /** `main` fills the stage, `small` leaves out what has no room. */
  look?: "main" | "small";
  /** Alone on the stage there is nothing to pin. */
  hasNoActions?: boolean;
  /** A list item, or a plain box where there is no list. */
  as?: "li" | "div";
};

/** One person: picture or initials, name, microphone, and who speaks. */
export function Tile(props: TileProps) {
  const page = usePage();
  const { stage } = page.language.texts;
  const Box = props.as ?? "li";
  const ref = useRef<HTMLLIElement & HTMLDivElement>(null);
  useGlide(ref, props.place);
  const person = useCall((state) => (props.id === "local" ? state.local : state.participants.get(props.id)));
  const isLocal = props.id === "local";
  const isSpeaking = useUi((ui) => ui.speaking.has(person?.id ?? ""));
  const camera = useTrack(props.id, "cam-video");
  const isFrozen = useCall(isReconnecting);
  if (!person) return null;
  const isStuck = camera.state === "interrupted" || (isFrozen && !isLocal);
  const isShown = camera.track !== undefined && (camera.state === "playable" || camera.state === "interrupted");
  const name = nameOf(page, person);
  const { place } = props;
  const style = place ? { left: `${place.left}px`, top: `${place.top}px`, width: `${place.width}px`, height: `${place.height}px` } : {};
  return (
    <Box ref={ref} class={classes("tile", props.look, place && "placed", isSpeaking && "speaks", isStuck && isShown && "stuck")} style={style} onDblClick={() => {
        if (!isLocal && !props.hasNoActions) togglePin(page.ui, props.id);
      }}>
      <Avatar name={person.userName} userId={person.userId} size={avatarSize(props)} />
      {isShown && camera.track ? <Picture track={camera.track} isMirrored={isLocal} /> : null}
      <RaisedHand id={person.id} />
      {isStuck && isShown && !isLocal ? <span class="chip tl">{stage.reconnecting}</span> : null}
      {props.look === "small" || isLocal || props.hasNoActions ? null : <TileActions id={props.id} name={name} />}
      <FloatingReaction id={person.id} />
      <NameChip id={props.id} name={name} isSpeaking={isSpeaking} isCameraOff={!isShown} />
    </Box>
  );
}

/** The place in the queue of those who want to speak. */
function RaisedHand(props: { id: string }) {
  const { hand } = usePage().language.texts;
  const place = useUi((ui) => placeInQueue(ui.hands, props.id));
  if (place === null) return null;
  return (
    <span class="chip hand">
      <Icon of={HandIcon} size={15} />
      <span aria-hidden="true">{place}</span>
      <span class="vh">{hand.place(place)}</span>
    </span>
  );
}

/** Rises from the name and goes; readers hear it from the page's own voice. */
function FloatingReaction(props: { id: string }) {
  const shown = useUi((ui) => ui.reactions.get(props.id));
  return shown ? <span key={shown.key} class="floats" aria-hidden="true">{shown.reaction}</span> : null;
}

function NameChip(props: { id: string; name: string; isSpeaking: boolean; isCameraOff: boolean }) {
  const { texts } = usePage().language;
  const mic = useTrack(props.id, "cam-audio");
  const isMuted = mic.state === "off" || mic.state === "blocked";
  const states = [isMuted ? texts.stage.mutedState : "", props.isCameraOff ? texts.stage.cameraOffState : ""].filter((state) => state !== "");
  return (
    <span class="chip nm">
      {props.isSpeaking && !isMuted ? <SpeakingBars name={texts.stage.speaking} /> : <span class={isMuted ? "mut" : ""}><Icon of={isMuted ? MicOffIcon : MicIcon} size={14} /></span>}
      <span class="ellip">
        {props.name}
        {props.id === "local" ? <span class="you"> {texts.you}</span> : null}
      </span>
      {states.length > 0 ? <span class="vh">, {states.join(", ")}</span> : null}
    </span>
  );
}

function TileActions(props: { id: string; name: string }) {
  const page = usePage();
  const { stage } = page.language.texts;
  const isPinned = useUi((ui) => ui.pinned === props.id);
  const name = isPinned ? stage.unpin(props.name) : stage.pin(props.name);
  return (
    <div class={classes("tilebtns", isPinned && "stays")}>
      <button type="button" aria-label={name} title={name} onClick={() => togglePin(page.ui, props.id)}>
        <Icon of={isPinned ? UnpinIcon : PinIcon} size={17} />
      </button>
    </div>
  );
}

/** Pins somebody to the stage, or lets them go. */
export function togglePin(ui: { value: { pinned: string | null }; update: (change: { pinned: string | null }) => void }, id: string): void {
  ui.update({ pinned: ui.value.pinned === id ? null : id });
}

function avatarSize(props: TileProps): number {
  if (props.look === "main") return 128;
  if (props.look === "small") return 48;
  const smallest = Math.min(props.place?.width ?? 300, props.place?.height ?? 300);
  return Math.max(40, Math.min(88, Math.round(smallest * 0.42)));
}
