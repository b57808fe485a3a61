import { Avatar } from "@parlor/ui";
import { useRef } from "preact/hooks";

import { openPanel } from "../chat.ts";
import { useCall, usePage, useUi } from "../page.ts";
import { useHasSelf } from "./grid-stage.tsx";
import { useSize } from "./measure.ts";
import { SharedScreen } from "./shared-screen.tsx";
import type { Focus } from "./stage.tsx";
import { Tile } from "./tile.tsx";

/** A tile of the strip with its gap, and the line that stands for more people. */
const STRIP = { width: 216, height: 135, gap: 8, more: 56 };
/** Below this width the strip goes under the large picture. */
const NARROW = 900;

/** A stage lower than this has no height to spare for a strip below. */
const LOW = 420;
/** Below this width the tiles of the strip are small. */
const PHONE_WIDTH = 560;

/** One large picture, the others small beside it or below. */
export function SpeakerStage(props: { focus: Focus }) {
  const { stage } = usePage().language.texts;
  const ref = useRef<HTMLDivElement>(null);
  const size = useSize(ref);
  const order = useUi((ui) => ui.arrangement.order);
  const here = useCall((state) => state.participants);
  const hasStrip = useUi((ui) => ui.outline.hasParticipantsBar);
  const { focus } = props;
  const isBelow = size.width < NARROW && size.height > LOW;
  const others = order.filter((id) => here.has(id) && (focus.kind === "screen" || id !== focus.id));
  const own = useHasSelf() ? ["local"] : [];
  const room = stripRoom(size, isBelow, others.length + own.length);
  const shown = others.slice(0, Math.max(0, room - own.length));
  const hidden = others.slice(shown.length);
  return (
    <div class={isBelow ? "focused below" : "focused"} ref={ref}>
      {focus.kind === "screen" ? <SharedScreen id={focus.id} /> : <ul class="one" aria-label={stage.name}><Tile key={focus.id} id={focus.id} look="main" /></ul>}
      {hasStrip ? <Strip ids={[...shown, ...own]} hidden={hidden} /> : null}
    </div>
  );
}

/** How many tiles the strip holds, with room for "more" where not all fit. */
export function stripRoom(size: { width: number; height: number }, isBelow: boolean, people: number): number {
  const [length, tile] = isBelow ? [size.width, size.width < PHONE_WIDTH ? 104 : 148] : [size.height, STRIP.height];
  const fit = Math.floor((length + STRIP.gap) / (tile + STRIP.gap));
  if (fit >= people) return people;
  const more = isBelow ? 96 : STRIP.more;
  return Math.max(1, Math.floor((length - more) / (tile + STRIP.gap)));
}

function Strip(props: { ids: readonly string[]; hidden: readonly string[] }) {
  const page = usePage();
  const { stage } = page.language.texts;
  const people = useCall((state) => state.participants);
  const faces = props.hidden.slice(0, 3).flatMap((id) => people.get(id) ?? []);
  return (
    <ul class="strip" aria-label={stage.name}>
      {props.ids.map((id) => (
        <Tile key={id} id={id} look="small" />
      ))}
      {props.hidden.length > 0 ? (
        <li class="more">
          <button type="button" onClick={() => openPanel(page, "people")} title={stage.showPeople}>
            <span class="avs">{faces.map((person) => <Avatar key={person.id} name={person.userName} userId={person.userId} size={24} />)}</span>
            {stage.moreTiles(props.hidden.length)}
          </button>
        </li>
      ) : null}
    </ul>
  );
}
