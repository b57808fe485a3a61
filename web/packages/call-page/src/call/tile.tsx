import { Avatar, Bars, classes, HandIcon, Icon, MicIcon, MicOffIcon, MoreIcon, PinIcon, SpeakingBars, UnpinIcon } from "@parlor/ui";
import type { Participant } from "@parlor/engine";
import { useRef } from "preact/hooks";

import { abilitiesOf } from "../abilities.ts";
import { placeInQueue } from "../gestures.ts";
import { actAsHost } from "../host.ts";
import { Picture, useTrack, useView } from "../media.tsx";
import { isReconnecting } from "../model/ending.ts";
import { isSent, useCall, usePage, useUi } from "../page.ts";
import type { ViewLook } from "../views.ts";
import { nameOf } from "../watch.ts";
import { useGlide, type Place } from "./measure.ts";
import { PersonMenu } from "./person-menu.tsx";
import { togglePin } from "./pin.ts";

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

/** A tile narrower than this has no room for words beside a sign. */
const WORDY = 260;

/** One person: picture or initials, name, microphone, and who speaks. */
export function Tile(props: TileProps) {
  const page = usePage();
  const Box = props.as ?? "li";
  const ref = useRef<HTMLLIElement & HTMLDivElement>(null);
  useGlide(ref, props.place);
  const person = useCall((state) => (props.id === "local" ? state.local : state.participants.get(props.id)));
  const isLocal = props.id === "local";
  const isSpeaking = useUi((ui) => ui.speaking.has(person?.id ?? ""));
  const fit = useUi((ui) => ui.fit);
  const camera = useTrack(props.id, "cam-video");
  const isFrozen = useCall(isReconnecting);
  const isPinned = useUi((ui) => ui.pinned === props.id);
  const isVideoOff = useUi((ui) => ui.isVideoOff);
  useView(isLocal ? null : props.id, "cam-video", ref, lookOf(props, isPinned));
  if (!person) return null;
  const isStarved = camera.off === "bandwidth" && !isVideoOff;
  const isStuck = camera.state === "interrupted" || (isFrozen && !isLocal);
  const isShown = camera.track !== undefined && (isLocal || !isVideoOff) && (camera.state === "playable" || camera.state === "interrupted" || isStarved);
  const name = nameOf(page, person);
  const { place } = props;
  const style = place ? { left: `${place.left}px`, top: `${place.top}px`, width: `${place.width}px`, height: `${place.height}px` } : {};
  const pin = () => {
    if (!isLocal && !props.hasNoActions) togglePin(page.ui, props.id);
  };
  return (
    <Box ref={ref} class={classes("tile", props.look, place && "placed", isSpeaking && "speaks", isStuck && isShown && "stuck", isStarved && isShown && "starved")} style={style} onDblClick={pin}>
      <Avatar name={person.userName} userId={person.userId} size={avatarSize(props)} />
      {isShown && camera.track ? <Picture track={camera.track} isMirrored={isLocal} isWhole={fit === "contain"} /> : null}
      <RaisedHand id={person.id} />
      <Trouble person={person} isLocal={isLocal} trouble={!isShown || isLocal ? null : isStarved ? "paused" : isStuck ? "stuck" : null} isSmall={props.look === "small" || (place?.width ?? WORDY) < WORDY} />
      {props.look === "small" || props.hasNoActions ? null : <TileActions person={person} isLocal={isLocal} name={name} />}
      <FloatingReaction id={person.id} />
      <NameChip id={props.id} person={person} name={name} isSpeaking={isSpeaking} isCameraOff={!isShown} />
    </Box>
  );
}

function lookOf(props: TileProps, isPinned: boolean): ViewLook {
  if (isPinned) return "pinned";
  return props.look === "main" ? "speaker" : "normal";
}

/** What is the matter with somebody's picture or connection, top left and top right. */
function Trouble(props: { person: Participant; isLocal: boolean; trouble: "paused" | "stuck" | null; isSmall: boolean }) {
  const { stage } = usePage().language.texts;
  const quality = useCall((state) => (props.isLocal ? state.network.quality : props.person.network));
  const isWeak = quality === "weak" || quality === "poor";
  const words = quality === "poor" ? stage.poor : stage.weak;
  return (
    <>
      {props.trouble ? <span class="chip tl">{props.trouble === "paused" ? stage.paused : stage.reconnecting}</span> : null}
      {isWeak ? (
        <span class="chip tr net-chip">
          <Bars lit={quality === "poor" ? 1 : 2} name={words} />
          {props.isSmall ? null : <span class="word" aria-hidden="true">{words}</span>}
        </span>
      ) : null}
    </>
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

function NameChip(props: { id: string; person: Participant; name: string; isSpeaking: boolean; isCameraOff: boolean }) {
  const { texts } = usePage().language;
  const names = useUi((ui) => ui.outline.names);
  const mic = useTrack(props.id, "cam-audio");
  const isMuted = mic.state === "off" || mic.state === "blocked";
  const { network } = props.person;
  const troubles = { weak: texts.stage.weakState, poor: texts.stage.poorState, good: "", unknown: "" };
  const states = [isMuted ? texts.stage.mutedState : "", props.isCameraOff ? texts.stage.cameraOffState : "", troubles[network]].filter((state) => state !== "");
  const isNamed = names !== "never";
  return (
    <span class="chip nm">
      {props.isSpeaking && !isMuted ? <SpeakingBars name={texts.stage.speaking} /> : <span class={isMuted ? "mut" : ""}><Icon of={isMuted ? MicOffIcon : MicIcon} size={14} /></span>}
      <span class={isNamed ? "ellip" : "vh"}>
        {props.name}
        {props.id === "local" ? <span class="you"> {texts.you}</span> : null}
      </span>
      {states.length > 0 ? <span class="vh">, {states.join(", ")}</span> : null}
    </span>
  );
}

/** Pin, mute, and more: on hover, on focus, and while in use. */
function TileActions(props: { person: Participant; isLocal: boolean; name: string }) {
  const page = usePage();
  const { stage, people } = page.language.texts;
  const { person, isLocal } = props;
  const isPinned = useUi((ui) => ui.pinned === person.id);
  const menu = `tile:${person.id}` as const;
  const isOpen = useUi((ui) => ui.menu === menu);
  const isAdmin = useCall((state) => abilitiesOf(page, state).admin);
  const mayMute = isAdmin && !isLocal && isSent(person.tracks["cam-audio"].state);
  const pinName = isPinned ? stage.unpin(props.name) : stage.pin(props.name);
  const actionsName = people.actions(props.name);
  return (
    <div class={classes("tilebtns", (isPinned || isOpen) && "stays")} data-menu-owner>
      {isLocal ? null : <button type="button" aria-label={pinName} title={pinName} onClick={() => togglePin(page.ui, person.id)}><Icon of={isPinned ? UnpinIcon : PinIcon} size={17} /></button>}
      {mayMute ? <button type="button" aria-label={people.muteOne(props.name)} title={people.muteOne(props.name)} onClick={() => actAsHost(page, person.id, "mute")}><Icon of={MicOffIcon} size={17} /></button> : null}
      <button type="button" aria-label={actionsName} title={actionsName} aria-haspopup="menu" aria-expanded={isOpen} onClick={() => page.ui.update({ menu: isOpen ? null : menu })}><Icon of={MoreIcon} size={17} /></button>
      {isOpen ? <PersonMenu person={person} menu={menu} /> : null}
    </div>
  );
}

function avatarSize(props: TileProps): number {
  if (props.look === "main") return 128;
  if (props.look === "small") return 48;
  const smallest = Math.min(props.place?.width ?? 300, props.place?.height ?? 300);
  return Math.max(40, Math.min(88, Math.round(smallest * 0.42)));
}
