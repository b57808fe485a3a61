import { CaptionsIcon, classes, IconButton, writeKept } from "@parlor/ui";

import { CAPTION_SIZES, shownCaption } from "../model/captions.ts";
import { timeOfDay } from "../model/times.ts";
import { usePage, useUi } from "../page.ts";
import { KEPT } from "../ui-state.ts";
import { useNow } from "./measure.ts";

/** What is being said, in a strip of its own. */
export function CaptionStrip() {
  const page = usePage();
  const { captions: texts } = page.language.texts;
  const { isOn, size } = useUi((ui) => ui.captions);
  if (!isOn) return null;
  return (
    <section class="capstrip" aria-label={texts.name}>
      <CaptionText size={size} />
      <IconButton name={texts.log} icon={CaptionsIcon} tip="left" onClick={() => page.ui.update({ dialog: "captions" })} />
    </section>
  );
}

/** The newest words, two lines at most. Not a live region: readers hear the people themselves. */
export function CaptionText(props: { size: number }) {
  const { captions: texts } = usePage().language.texts;
  const log = useUi((ui) => ui.captionLog);
  const now = useNow(true);
  const shown = shownCaption(log, now);
  return (
    <p class={classes("cap", `cap-${props.size}`)}>
      {shown ? <><b>{shown.name}</b> {shown.text}</> : <span class="none">{texts.noneShort}</span>}
    </p>
  );
}

/** What was said in the last minutes, and how large captions are. */
export function CaptionLog() {
  const page = usePage();
  const { texts, locale } = page.language;
  const log = useUi((ui) => ui.captionLog);
  const { size } = useUi((ui) => ui.captions);
  const choose = (next: (typeof CAPTION_SIZES)[number]) => {
    writeKept(KEPT.captionSize, String(next));
    page.ui.update({ captions: { ...page.ui.value.captions, size: next } });
  };
  return (
    <div class="caplog">
      <div class="row">
        <span id="cap-size">{texts.captions.size}</span>
        <div class="seg" role="group" aria-labelledby="cap-size">
          {CAPTION_SIZES.map((one) => <button key={one} type="button" aria-pressed={one === size} onClick={() => choose(one)}>{one}</button>)}
        </div>
      </div>
      {log.length === 0 ? <p class="none">{texts.captions.none}</p> : (
        <ol tabIndex={0} aria-label={texts.captions.log}>
          {log.map((caption) => <li key={caption.key}><b>{caption.name}</b> <time class="num">{timeOfDay(caption.at, locale)}</time><p>{caption.text}</p></li>)}
        </ol>
      )}
    </div>
  );
}
