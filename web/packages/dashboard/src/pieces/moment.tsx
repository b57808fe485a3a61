import { ago, dateText, exactText, shortMomentText, until } from "../model/times.ts";
import { texts } from "../texts.ts";

/** How long ago, in words. */
export function agoText(moment: number, now: number): string {
  const past = ago(moment, now);
  switch (past.kind) {
    case "now":
      return texts.ago.now;
    case "date":
      return dateText(moment);
    default:
      return texts.ago[past.kind](past.count);
  }
}

/** How long ago within a day; what is older has its date and time. */
export function recentText(moment: number, now: number): string {
  const past = ago(moment, now);
  return past.kind === "days" || past.kind === "date" ? shortMomentText(moment, now) : agoText(moment, now);
}

/** How far off, in words. */
export function untilText(ms: number): string {
  const ahead = until(ms);
  return texts.until[ahead.unit](ahead.count);
}

/** A time in words; exactly and in UTC where one points at it, or where what it belongs to has the focus. */
export function Moment(props: { at: string; text: string; class?: string }) {
  return (
    <time class={`moment ${props.class ?? ""}`} dateTime={props.at}>
      {props.text}
      <span class="tip exact">{exactText(Date.parse(props.at))}</span>
    </time>
  );
}
