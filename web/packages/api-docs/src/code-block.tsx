import { CheckIcon, copyText, CopyIcon, IconButton, type IconShape } from "@parlor/ui";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { jsonTokens } from "./model/json-tokens.ts";
import type { Json } from "./model/openapi.ts";
import { texts } from "./texts.ts";

/** How long "Copied" stands, in milliseconds. */
const COPIED_MS = 2_000;

/** A piece of code with its name and a button that copies it. */
export function CodeBlock(props: { title: string; label: string; text: string; choice?: ComponentChildren; children: ComponentChildren }) {
  return (
    <figure class="code">
      <figcaption>
        <b>{props.title}</b>
        <span>{props.choice ?? props.label}</span>
        <CopyButton text={() => props.text} name={`${texts.copy}: ${props.title}, ${props.label}`} icon={CopyIcon} />
      </figcaption>
      <pre tabIndex={0} aria-label={`${props.title}, ${props.label}`}><code>{props.children}</code></pre>
    </figure>
  );
}

/** A JSON value, indented, with keys and values told apart. */
export function JsonText(props: { of: Json }) {
  return (
    <>
      {jsonTokens(props.of).map((token, index) =>
        // The text of a page does not change, so its order is a key.
        token.kind === "plain" ? token.text : <span key={index} class={token.kind}>{token.text}</span>,
      )}
    </>
  );
}

/** Copies a text, and shows and says so. */
export function CopyButton(props: { text: () => string; name: string; icon: IconShape }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <>
      <IconButton
        name={isCopied ? texts.copied : props.name}
        icon={isCopied ? CheckIcon : props.icon}
        size="s"
        iconSize={15}
        tip="left"
        onClick={() => void copyText(props.text()).then(setCopied)}
      />
      <span class="vh" role="status">{isCopied ? texts.copied : ""}</span>
    </>
  );
}
