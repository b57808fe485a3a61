import { Button, CheckIcon, CopyIcon } from "@parlor/ui";
import { useId, useRef } from "preact/hooks";

import { tileGrid, tilePlace } from "../model/tile-grid.ts";
import { usePage } from "../page.ts";
import { useCopy } from "./copy.ts";
import { useHasSelf } from "./grid-stage.tsx";
import { useSize } from "./measure.ts";
import { Tile } from "./tile.tsx";

/** Nobody else yet: oneself, and the link to send. */
export function AloneStage() {
  const { stage } = usePage().language.texts;
  const ref = useRef<HTMLUListElement>(null);
  const size = useSize(ref);
  const hasSelf = useHasSelf();
  const grid = size.width > 0 ? tileGrid(1, size) : null;
  const place = grid ? { ...tilePlace(grid, 0, 1, size), width: grid.width, height: grid.height } : undefined;
  return (
    <div class="alone">
      <ul class="grid" ref={ref} aria-label={stage.count(1)}>{place && hasSelf ? <Tile id="local" place={place} /> : null}</ul>
      <ShareLink />
    </div>
  );
}

function ShareLink() {
  const page = usePage();
  const { stage } = page.language.texts;
  const field = useId();
  const { isCopied, copy } = useCopy(page.address.url);
  return (
    <div class="invite">
      <div class="t">
        <h2>{stage.aloneTitle}</h2>
        <p>{stage.aloneText}</p>
      </div>
      <div class="link">
        <label class="vh" for={field}>{stage.linkName}</label>
        <input class="input mono" id={field} readOnly value={page.address.url} onFocus={(event) => event.currentTarget.select()} />
        <Button look="filled" icon={isCopied ? CheckIcon : CopyIcon} onClick={copy}>{isCopied ? stage.copied : stage.copy}</Button>
      </div>
    </div>
  );
}
