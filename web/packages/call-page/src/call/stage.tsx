import { useRef } from "preact/hooks";

import type { CallState } from "@parlor/browser";

import { sharersOf } from "../model/sharers.ts";
import { useCall, usePage, useUi } from "../page.ts";
import type { Ui } from "../ui-state.ts";
import { AloneStage } from "./alone-stage.tsx";
import { DuoStage } from "./duo-stage.tsx";
import { GridStage } from "./grid-stage.tsx";
import { SpeakerStage } from "./speaker-stage.tsx";
import { CaptionStrip } from "./caption-strip.tsx";
import { KnockStrip } from "./knock-strip.tsx";
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
  const screenOf = useUi((ui) => ui.screenOf);
  const mainSpeaker = useUi((ui) => ui.mainSpeaker);
  const layout = useUi((ui) => ui.layout);
  const focusKey = useCall((state) => keyOf(focusOf(state, { pinned, layout, screenOf, mainSpeaker })));
  const focus = fromKey(focusKey);
  const isSharing = useCall((state) => state.local.tracks["screen-video"].state === "playable");
  return (
    <main class="stage" id="stage" ref={ref} aria-label={stage.name} tabIndex={-1}>
      <KnockStrip />
      {isSharing ? <SharingStrip /> : null}
      <div class="stage-in">
        {focus ? <SpeakerStage focus={focus} /> : count === 0 ? <AloneStage /> : count === 1 ? <DuoStage /> : <GridStage />}
      </div>
      {focus?.kind === "screen" ? null : <CaptionStrip />}
    </main>
  );
}

/** Screens come first, then who is pinned, then, in speaker view, who speaks. */
export function focusOf(state: CallState, ui: Pick<Ui, "pinned" | "layout" | "screenOf" | "mainSpeaker">): Focus | null {
  const sharers = sharersOf(state);
  const chosen = sharers.find((id) => id === ui.screenOf);
  const pinnedSharer = sharers.find((id) => id === ui.pinned);
  const sharer = chosen ?? pinnedSharer ?? sharers.at(-1);
  if (sharer !== undefined) return { kind: "screen", id: sharer };
  if (ui.pinned !== null && state.participants.has(ui.pinned)) return { kind: "person", id: ui.pinned };
  if (ui.layout !== "speaker" || state.participants.size < 2) return null;
  const known = [ui.mainSpeaker, state.activeSpeaker].find((id) => id !== null && state.participants.has(id));
  const speaker = known ?? [...state.participants.keys()].at(0);
  return speaker === undefined ? null : { kind: "person", id: speaker };
}

function keyOf(focus: Focus | null): string {
  return focus ? `${focus.kind} ${focus.id}` : "";
}

function fromKey(key: string): Focus | null {
  const [kind, id] = key.split(" ");
  return id !== undefined && (kind === "screen" || kind === "person") ? { kind, id } : null;
}
