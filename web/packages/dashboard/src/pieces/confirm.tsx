import { Button, Dialog } from "@parlor/ui";
import type { ComponentChildren } from "preact";

import { texts } from "../texts.ts";

type ConfirmProps = {
  title: string;
  /** What happens, in sentences. */
  children: ComponentChildren;
  keep: string;
  submit: string;
  /** Something is lost. */
  isDanger: boolean;
  isBusy: boolean;
  refusal: string | null;
  onSubmit: () => void;
  onClose: () => void;
};

/** Says what something does before it is done. */
export function Confirm(props: ConfirmProps) {
  return (
    <Dialog title={props.title} closeName={texts.close} onClose={props.onClose}>
      <div class="dlg-c">
        {props.refusal === null ? null : <p class="note bad" role="alert">{props.refusal}</p>}
        {props.children}
      </div>
      <div class="dlg-f">
        <Button isFocusedFirst onClick={props.onClose}>{props.keep}</Button>
        <Button look={props.isDanger ? "danger" : "filled"} isBusy={props.isBusy} onClick={props.onSubmit}>{props.submit}</Button>
      </div>
    </Dialog>
  );
}
