import type { Sentence } from "./sentence.ts";

/** A sentence of the log, with what it is about in bold; an address breaks behind its @. */
export function Said(props: { of: Sentence }) {
  const { lead, thing, rest } = props.of;
  const [local, ...domain] = (thing ?? "").split("@");
  return (
    <>
      {lead}{" "}
      {thing === null ? null : <b>{local}{domain.length > 0 ? <>@<wbr />{domain.join("@")}</> : null}</b>} {rest}
    </>
  );
}
