import { Button, copyText, CopyIcon, Dialog, DownloadIcon } from "@parlor/ui";
import { useId, useRef, useState } from "preact/hooks";

import type { MadeKey } from "../face/types.ts";
import { envFile, envFileName, sampleFor } from "../model/sample.ts";
import { momentText } from "../model/times.ts";
import { texts } from "../texts.ts";

type MadeKeyProps = {
  of: MadeKey;
  /** Until when the key before it works; `null` if there was none. */
  before: { readonly until: number } | null;
  now: number;
  origin: string;
  onClose: () => void;
};

/** The one moment at which a key is shown. */
export function MadeKeyDialog(props: MadeKeyProps) {
  const { made } = texts;
  const [isKept, setKept] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  const close = () => {
    if (isKept) props.onClose();
    else setLeaving(true);
  };
  if (isLeaving) {
    return (
      <Dialog key="leave" title={made.leaveTitle} closeName={made.stay} onClose={() => setLeaving(false)}>
        <div class="dlg-c"><p>{made.leaveText}</p></div>
        <div class="dlg-f">
          <Button onClick={props.onClose}>{made.leave}</Button>
          <Button look="filled" isFocusedFirst onClick={() => setLeaving(false)}>{made.stay}</Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog key="made" title={made.title(props.of.name)} closeName={texts.close} onClose={close}>
      <div class="dlg-c">
        <p class="lead">{made.text}</p>
        {props.before ? <p>{props.before.until <= props.now ? made.rotatedNow : made.rotated(momentText(props.before.until))}</p> : null}
        <Secret of={props.of} origin={props.origin} isKept={isKept} onKept={() => setKept(true)} />
        <Sample of={props.of} origin={props.origin} />
      </div>
      <div class="dlg-f">
        <Button look={isKept ? "filled" : "plain"} onClick={close}>{made.done}</Button>
      </div>
    </Dialog>
  );
}

function Secret(props: { of: MadeKey; origin: string; isKept: boolean; onKept: () => void }) {
  const { made } = texts;
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const copy = async () => {
    const isDone = await copyText(props.of.value);
    setCopied(isDone ? "yes" : "failed");
    if (isDone) props.onKept();
  };
  const save = () => {
    saveFile(envFileName(props.of.name), envFile(props.of.value, props.origin));
    props.onKept();
  };
  return (
    <div class="secret">
      <p class="k">{props.of.value}</p>
      <div class="row">
        <Button look={props.isKept ? "plain" : "filled"} icon={CopyIcon} isFocusedFirst onClick={() => void copy()}>{made.copy}</Button>
        <Button icon={DownloadIcon} onClick={save}>{made.save}</Button>
        <span role="status">{copied === "no" ? "" : copied === "yes" ? made.copied : made.copyFailed}</span>
      </div>
    </div>
  );
}

/** Hands a text to the browser's downloads. */
function saveFile(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function Sample(props: { of: MadeKey; origin: string }) {
  const { made } = texts;
  const label = useId();
  const code = useRef<HTMLPreElement>(null);
  const sample = sampleFor(props.of.permissions, props.origin);
  return (
    <div>
      <p class="label" id={label}>{made.tryIt}</p>
      <pre ref={code} class="code" tabIndex={0} aria-label={made.example}>
        <span class="c">{made.samples[sample.kind]}</span>
        {"\n"}
        {sample.text}
      </pre>
    </div>
  );
}
