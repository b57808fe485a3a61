import { Button, Dialog } from "@parlor/ui";
import type { ComponentChildren } from "preact";

import { texts } from "../texts.ts";

type FormDialogProps = {
  title: string;
  submit: string;
  isBusy: boolean;
  /** Why the server refused, in words. */
  refusal: string | null;
  children: ComponentChildren;
  onSubmit: () => void;
  onClose: () => void;
};

/** A form in front of the page. */
export function FormDialog(props: FormDialogProps) {
  return (
    <Dialog title={props.title} closeName={texts.close} onClose={props.onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!props.isBusy) props.onSubmit();
        }}
      >
        <div class="dlg-c">
          {props.refusal === null ? null : <p class="note bad" role="alert">{props.refusal}</p>}
          {props.children}
        </div>
        <div class="dlg-f">
          <Button onClick={props.onClose}>{texts.cancel}</Button>
          <Button look="filled" isSubmit isBusy={props.isBusy}>{props.submit}</Button>
        </div>
      </form>
    </Dialog>
  );
}
