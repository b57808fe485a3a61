import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { IconButton } from "./icon-button.tsx";
import { CloseIcon } from "./icons.ts";

type DialogProps = {
  title: string;
  closeName: string;
  look?: "dialog" | "sheet" | "full";
  onClose: () => void;
  children: ComponentChildren;
};

/**
 * A modal dialog, or a sheet from the bottom on phones. The browser keeps the
 * focus inside and gives it back; Escape and a click beside it close.
 */
export function Dialog(props: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const title = useId();
  const look = props.look ?? "dialog";
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  const head = (
    <div class="dlg-h">
      <h2 id={title}>{props.title}</h2>
      <IconButton name={props.closeName} icon={CloseIcon} size={look === "dialog" ? "m" : "l"} tip="none" onClick={props.onClose} />
    </div>
  );
  return (
    <dialog
      ref={ref}
      class={look === "dialog" ? "dlg" : look === "full" ? "sheet full" : "sheet"}
      aria-labelledby={look === "full" ? undefined : title}
      aria-label={look === "full" ? props.title : undefined}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) props.onClose();
      }}
    >
      {look === "sheet" ? <div class="grab" aria-hidden="true" /> : null}
      {look === "full" ? null : head}
      {look === "dialog" ? <div class="dlg-b">{props.children}</div> : props.children}
    </dialog>
  );
}
