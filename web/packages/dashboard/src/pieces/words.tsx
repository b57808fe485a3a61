import type { KeyPermission } from "@parlor/protocol";

import { EVERYTHING, shownWords } from "../model/permissions.ts";
import { texts } from "../texts.ts";

/** How many words are shown before the rest is counted. */
const WORDS_SHOWN = 2;

/** What somebody or something may do: the first words, and how many more there are. */
export function Words(props: { of: readonly KeyPermission[] }) {
  if (props.of.includes(EVERYTHING)) return <span class="tag plain">{texts.keys.everything}</span>;
  const { words, rest } = shownWords(props.of, WORDS_SHOWN);
  if (words.length === 0) return <span class="mut">{texts.keys.nothing}</span>;
  return (
    <span class="perm">
      {words.map((word) => <span key={word} class="tag plain mono">{word}</span>)}
      <Rest of={rest} />
    </span>
  );
}

/** How many more there are; which, for readers and for who points at it. */
export function Rest(props: { of: readonly string[] }) {
  if (props.of.length === 0) return null;
  return (
    <span class="tag plain" title={props.of.join(", ")}>
      <span aria-hidden="true">+{props.of.length}</span>
      <span class="vh">{texts.keys.more(props.of)}</span>
    </span>
  );
}
