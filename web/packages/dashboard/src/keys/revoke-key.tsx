import { Button, Dialog } from "@parlor/ui";

import type { KeyItem } from "../face/types.ts";
import { expiryState } from "../model/expiry.ts";
import { texts } from "../texts.ts";
import { agoText } from "../pieces/moment.tsx";

type RevokeProps = {
  of: KeyItem;
  now: number;
  isBusy: boolean;
  refusal: string | null;
  onRevoke: () => void;
  onClose: () => void;
};

/** Says what revoking does before it is done. */
export function RevokeDialog(props: RevokeProps) {
  const { revoke } = texts;
  const key = props.of;
  const used = key.lastUsedAt === null ? revoke.neverUsed : revoke.used(agoText(Date.parse(key.lastUsedAt), props.now));
  const isExpired = expiryState(key.expiresAt, props.now).kind === "expired";
  return (
    <Dialog title={revoke.title(key.name)} closeName={texts.close} onClose={props.onClose}>
      <div class="dlg-c">
        {props.refusal === null ? null : <p class="note bad" role="alert">{props.refusal}</p>}
        <p class="lead">{used} {isExpired ? revoke.expiredText : revoke.text}</p>
      </div>
      <div class="dlg-f">
        <Button isFocusedFirst onClick={props.onClose}>{revoke.keep}</Button>
        <Button look="danger" isBusy={props.isBusy} onClick={props.onRevoke}>{revoke.submit}</Button>
      </div>
    </Dialog>
  );
}
