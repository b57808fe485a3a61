import { useRef } from "preact/hooks";

import type { CallState } from "@parlor/browser";

import { isSent, useCall, usePage, useUi } from "../page.ts";
import type { Ui } from "../ui-state.ts";
import { AloneStage } from "./alone-stage.tsx";
import { DuoStage } from "./duo-stage.tsx";
import { GridStage } from "./grid-stage.tsx";
import { SpeakerStage } from "./speaker-stage.tsx";
import { SharingStrip } from "./strips.tsx";

/** What fills the stage: somebody's screen, one person large, or everybody. */
export type Focus = { readonly kind: "screen" | "person"; readonly id: string };

/** Everything above the bar, but the panel. */
export function Stage() {
  const page = usePage();
  const { stage } = page.language.texts;
  const ref = useRef<HTMLElement>(null);
  const count = useCall((state) => state.participants.size);
  const pinned = useUi((ui) => ui.pinned);
  const layout = useUi((ui) => ui.layout);
  const focusKey = useCall((state) => keyOf(focusOf(state, { pinned, layout })));
  const focus = fromKey(focusKey);
  const isSharing = useCall((state) => state.local.tracks["screen-video"].state === "playable");
  return (
    <main class="stage" id="stage" ref={ref} aria-label={stage.name} tabIndex={-1}>
      {isSharing ? <SharingStrip /> : null}
      <div class="stage-in">
        {focus ? <SpeakerStage focus={focus} /> : count === 0 ? <AloneStage /> : count === 1 ? <DuoStage /> : <GridStage />}
      </div>
    </main>
  );
}

/** Screens come first, then who is pinned, then, in speaker view, who speaks. */
export function focusOf(state: CallState, ui: Pick<Ui, "pinned" | "layout">): Focus | null {
  const sharers = [...state.participants.values()].filter((person) => isSent(person.tracks["screen-video"].state));
  const pinnedSharer = sharers.find((person) => person.id === ui.pinned);
  const sharer = pinnedSharer ?? sharers.at(-1);
  if (sharer) return { kind: "screen", id: sharer.id };
  if (ui.pinned !== null && state.participants.has(ui.pinned)) return { kind: "person", id: ui.pinned };
  if (ui.layout !== "speaker" || state.participants.size < 2) return null;
  const speaker = state.activeSpeaker !== null && state.participants.has(state.activeSpeaker) ? state.activeSpeaker : [...state.participants.keys()].at(0);
  return speaker === undefined ? null : { kind: "person", id: speaker };
}

function keyOf(focus: Focus | null): string {
  return focus ? `${focus.kind} ${focus.id}` : "";
}

function fromKey(key: string): Focus | null {
  const [kind, id] = key.split(" ");
  return id !== undefined && (kind === "screen" || kind === "person") ? { kind, id } : null;
}
