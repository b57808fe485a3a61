import type { ComponentChildren } from "preact";

/** A description: paragraphs, and `code` between backticks. */
export function Prose(props: { text: string; class?: string }) {
  return (
    <>
      {props.text.split(/\n\n+/).map((paragraph) => (
        <p key={paragraph} class={props.class}>{withCode(paragraph)}</p>
      ))}
    </>
  );
}

/** A text with `code` between backticks. */
export function withCode(text: string): ComponentChildren {
  return text.split(/(`[^`]+`)/).map((piece) => (piece.startsWith("`") ? <code key={piece}>{piece.slice(1, -1)}</code> : piece));
}
