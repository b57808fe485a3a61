import { Button, CopyIcon, copyText, Dialog } from "@parlor/ui";
import { useState } from "preact/hooks";

import type { Invitation } from "../face/types.ts";
import { texts } from "../texts.ts";

/** The link of an invitation that was just made: this server sends no mail. */
export function InvitedDialog(props: { of: Invitation; url: string; onClose: () => void }) {
  const { made, copyFailed } = texts.invitations;
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const copy = async () => setCopied((await copyText(props.url)) ? "yes" : "failed");
  return (
    <Dialog title={made.title(props.of.email)} closeName={texts.close} onClose={props.onClose}>
      <div class="dlg-c">
        <p class="lead">{made.text}</p>
        <div class="secret">
          <p class="k">{props.url}</p>
          <div class="row">
            <Button look={copied === "yes" ? "plain" : "filled"} icon={CopyIcon} isFocusedFirst onClick={() => void copy()}>{made.copy}</Button>
            <span role="status">{copied === "no" ? "" : copied === "yes" ? texts.made.copied : copyFailed}</span>
          </div>
        </div>
        <p class="hint flat">{made.once}</p>
      </div>
      <div class="dlg-f">
        <Button look={copied === "yes" ? "filled" : "plain"} onClick={props.onClose}>{made.done}</Button>
      </div>
    </Dialog>
  );
}
