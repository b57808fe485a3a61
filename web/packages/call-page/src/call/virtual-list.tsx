import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Rows are this high. */
const ROW = 52;
/** From this many rows on, only those near the screen are there. */
const VIRTUAL_FROM = 100;
/** Rows above and below what is seen, so that scrolling shows no gaps. */
const SPARE = 8;

/** A list; where it is long, only the rows near the screen exist. Readers hear the whole number. */
export function VirtualList<T>(props: { items: readonly T[]; scroller: RefObject<HTMLElement | null>; draw: (item: T) => ComponentChildren }) {
  const list = useRef<HTMLUListElement>(null);
  const isVirtual = props.items.length > VIRTUAL_FROM;
  const [seen, setSeen] = useState({ from: 0, to: VIRTUAL_FROM });
  useEffect(() => {
    const scroller = props.scroller.current;
    if (!isVirtual || !scroller) return;
    const look = () => {
      const top = scroller.scrollTop - (list.current?.offsetTop ?? 0) + scroller.offsetTop;
      const from = Math.max(0, Math.floor(top / ROW) - SPARE);
      const to = Math.ceil((top + scroller.clientHeight) / ROW) + SPARE;
      setSeen((before) => (before.from === from && before.to === to ? before : { from, to }));
    };
    look();
    scroller.addEventListener("scroll", look, { passive: true });
    return () => scroller.removeEventListener("scroll", look);
  }, [isVirtual, props.items.length]);
  if (!isVirtual) return <ul ref={list}>{props.items.map(props.draw)}</ul>;
  const { from } = seen;
  const to = Math.min(seen.to, props.items.length);
  return (
    <ul ref={list} class="virtual" style={{ paddingTop: `${from * ROW}px`, paddingBottom: `${(props.items.length - to) * ROW}px` }}>
      {props.items.slice(from, to).map(props.draw)}
    </ul>
  );
}
