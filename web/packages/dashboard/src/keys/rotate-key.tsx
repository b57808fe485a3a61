import { Button, Dialog, DownIcon, Icon } from "@parlor/ui";
import { useState } from "preact/hooks";

import type { KeyItem } from "../face/types.ts";
import { momentText } from "../model/times.ts";
import { texts } from "../texts.ts";

/** How long the old key may work on, in seconds. */
const OVERLAPS = ["3600", "86400", "604800", "0"] as const;

type RotateProps = {
  of: KeyItem;
  now: number;
  isBusy: boolean;
  refusal: string | null;
  onRotate: (overlapSeconds: number) => void;
  onClose: () => void;
};

/** Asks how long the old key works beside the new one. */
export function RotateDialog(props: RotateProps) {
  const { rotate } = texts;
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]>("86400");
  const seconds = Number(overlap);
  return (
    <Dialog title={rotate.title(props.of.name)} closeName={texts.close} onClose={props.onClose}>
      <div class="dlg-c">
        {props.refusal === null ? null : <p class="note bad" role="alert">{props.refusal}</p>}
        <p class="lead">{rotate.text}</p>
        <div>
          <label class="label" for="rotate-overlap">{rotate.overlap}</label>
          <div class="select bare">
            <select id="rotate-overlap" autofocus value={overlap} onChange={(event) => setOverlap(event.currentTarget.value as (typeof OVERLAPS)[number])}>
              {OVERLAPS.map((one) => <option key={one} value={one}>{rotate.overlaps[one]}</option>)}
            </select>
            <Icon of={DownIcon} size={16} />
          </div>
          <p class="hint" role="status">{seconds === 0 ? rotate.atOnce : rotate.both(momentText(props.now + seconds * 1000))}</p>
        </div>
      </div>
      <div class="dlg-f">
        <Button onClick={props.onClose}>{texts.cancel}</Button>
        <Button look="filled" isBusy={props.isBusy} onClick={() => props.onRotate(seconds)}>{rotate.submit}</Button>
      </div>
    </Dialog>
  );
}
