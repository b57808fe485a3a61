import { applyTheme, writeKept, type Theme } from "@parlor/ui";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { abilitiesOf, offers } from "./abilities.ts";
import { setBlur, setNoiseReduction } from "./effects.ts";
import { useCall, usePage, useUi } from "./page.ts";
import { KEPT, PER_PAGE, type PerPage } from "./ui-state.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];
const LAYOUTS = ["grid", "speaker"] as const;
const FITS = ["cover", "contain"] as const;

/** What a person sets for themselves, in this browser. */
export function Settings() {
  const page = usePage();
  const { dialogs, dock } = page.language.texts;
  const theme = useUi((ui) => ui.theme);
  const layout = useUi((ui) => ui.layout);
  const perPage = useUi((ui) => ui.perPage);
  const fit = useUi((ui) => ui.fit);
  const hasShortcuts = useUi((ui) => ui.hasShortcuts);
  return (
    <div class="settings">
      <Choice title={dialogs.theme} options={THEMES} chosen={theme} name={(one) => dialogs.themes[one]} choose={(next) => { applyTheme(next); page.ui.update({ theme: next }); }} />
      <Choice title={dock.layout} options={LAYOUTS} chosen={layout} name={(one) => (one === "grid" ? dock.layoutGrid : dock.layoutSpeaker)} choose={(next) => page.ui.update({ layout: next, pinned: null })} />
      <Choice title={dialogs.perPage} hint={dialogs.perPageHint} options={PER_PAGE} chosen={perPage ?? 25} name={String} choose={(next: Exclude<PerPage, null>) => { writeKept(KEPT.perPage, String(next)); page.ui.update({ perPage: next, gridPage: 0 }); }} />
      <Choice title={dialogs.fit} options={FITS} chosen={fit} name={(one) => dialogs.fits[one]} choose={(next) => { writeKept(KEPT.fit, next); page.ui.update({ fit: next }); }} />
      <Effects />
      <Switch title={dialogs.shortcutsOn} hint={dialogs.shortcutsHint} isOn={hasShortcuts} toggle={() => { writeKept(KEPT.shortcuts, hasShortcuts ? "off" : ""); page.ui.update({ hasShortcuts: !hasShortcuts }); }} />
    </div>
  );
}

/** What the browser can do to picture and sound; where it cannot, why there is no switch. */
function Effects() {
  const page = usePage();
  const { effects: texts } = page.language.texts;
  const effects = useUi((ui) => ui.effects);
  const may = { blur: useCall((state) => abilitiesOf(page, state).blur), noise: useCall((state) => abilitiesOf(page, state).noise) };
  const isWanted = { blur: page.isOn("enable_video_processing_ui", true), noise: page.isOn("enable_noise_cancellation_ui", true) };
  return (
    <>
      {may.blur ? <Switch title={`${texts.background}: ${texts.blur}`} isOn={effects.blur} toggle={() => void setBlur(page, !effects.blur)} /> : isWanted.blur && !offers("backgroundBlur") ? <Row title={texts.background}><p class="reason">{texts.noBlur}</p></Row> : null}
      {may.noise ? <Switch title={texts.noise} isOn={effects.noise} toggle={() => void setNoiseReduction(page, !effects.noise)} /> : isWanted.noise && !offers("noiseSuppression") ? <Row title={texts.noise}><p class="reason">{texts.noNoise}</p></Row> : null}
    </>
  );
}

function Row(props: { title: string; children: ComponentChildren }) {
  return <div class="row"><span>{props.title}</span>{props.children}</div>;
}

/** Two to five choices side by side. */
function Choice<T extends string | number>(props: { title: string; hint?: string; options: readonly T[]; chosen: T; name: (option: T) => string; choose: (option: T) => void }) {
  const title = useId();
  return (
    <div class="row">
      <span><span id={title}>{props.title}</span>{props.hint === undefined ? null : <small>{props.hint}</small>}</span>
      <div class="seg" role="group" aria-labelledby={title}>
        {props.options.map((option) => <button key={option} type="button" aria-pressed={option === props.chosen} onClick={() => props.choose(option)}>{props.name(option)}</button>)}
      </div>
    </div>
  );
}

function Switch(props: { title: string; hint?: string; isOn: boolean; toggle: () => void }) {
  const hint = useId();
  return (
    <div class="row">
      <span>{props.title}{props.hint === undefined ? null : <small id={hint}>{props.hint}</small>}</span>
      <button type="button" class="switch" role="switch" aria-checked={props.isOn} aria-label={props.title} aria-describedby={props.hint === undefined ? undefined : hint} onClick={props.toggle} />
    </div>
  );
}
