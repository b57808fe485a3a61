import type { AuditResult } from "../face/audit.ts";
import { texts } from "../texts.ts";

const LOOKS: Record<AuditResult, string> = { done: "", refused: "tag warn", failed: "tag bad", unknown: "tag" };

/** What came of it: quiet where all went well. */
export function Result(props: { of: AuditResult }) {
  return <span class={LOOKS[props.of] || "mut"}>{texts.audit.results[props.of]}</span>;
}
