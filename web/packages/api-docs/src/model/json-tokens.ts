import type { Json } from "./openapi.ts";

/** A piece of a JSON text and what it is; `plain` is punctuation and blanks. */
export interface Token {
  readonly kind: "key" | "string" | "value" | "plain";
  readonly text: string;
}

const PIECES = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The value as indented text, cut into pieces that are shown alike. */
export function jsonTokens(value: Json): readonly Token[] {
  const text = JSON.stringify(value, null, 2);
  const tokens: Token[] = [];
  let from = 0;
  for (const match of text.matchAll(PIECES)) {
    if (match.index > from) tokens.push({ kind: "plain", text: text.slice(from, match.index) });
    const [whole, string, colon] = match;
    if (string === undefined) tokens.push({ kind: "value", text: whole });
    else tokens.push({ kind: colon === undefined ? "string" : "key", text: string });
    if (colon !== undefined) tokens.push({ kind: "plain", text: colon });
    from = match.index + whole.length;
  }
  if (from < text.length) tokens.push({ kind: "plain", text: text.slice(from) });
  return tokens;
}
