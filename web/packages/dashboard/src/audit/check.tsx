import { Button, Dialog } from "@parlor/ui";

import { usePage } from "../page.ts";
import { texts } from "../texts.ts";

/** How the log is verified and exported: on the machine, since a page says only what the server sends it. */
export function CheckDialog(props: { onClose: () => void }) {
  const { checking } = texts.audit;
  const { organization } = usePage();
  return (
    <Dialog title={checking.title} closeName={texts.close} onClose={props.onClose}>
      <div class="dlg-c">
        <p class="lead">{checking.text}</p>
        <Command what={checking.verify} command="parlor audit verify" />
        <p class="hint flat">{checking.keep}</p>
        <Command what={checking.export} command={`parlor audit export --domain ${organization.domain} > audit.jsonl`} />
      </div>
      <div class="dlg-f"><Button look="filled" isFocusedFirst onClick={props.onClose}>{checking.done}</Button></div>
    </Dialog>
  );
}

function Command(props: { what: string; command: string }) {
  return (
    <div>
      <p class="label">{props.what}</p>
      <pre class="code" tabIndex={0} aria-label={props.what}>{props.command}</pre>
    </div>
  );
}
