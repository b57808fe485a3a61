/** How many bars the level meter has. */
export const METER_BARS = 16;

/** A level from 0 to 1 as bars; the words beside it say what it means. */
export function Meter(props: { level: number; name: string }) {
  const lit = Math.round(Math.min(1, Math.max(0, props.level)) * METER_BARS);
  const bars = Array.from({ length: METER_BARS }, (_, index) => <i key={index} class={index < lit ? "on" : ""} />);
  return <span class="meter" role="img" aria-label={props.name}>{bars}</span>;
}

/** How well a connection does, as bars and as a word for readers. */
export function Bars(props: { lit: 1 | 2 | 3; name: string }) {
  return (
    <span class={`bars lit-${props.lit}`} role="img" aria-label={props.name}>
      <i /><i /><i />
    </span>
  );
}

/** Three dancing bars: somebody speaks. */
export function SpeakingBars(props: { name: string }) {
  return (
    <span class="eq" role="img" aria-label={props.name}>
      <i /><i /><i />
    </span>
  );
}
