import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { StageSize } from "../model/tile-grid.ts";

/** The size of an element, followed. */
export function useSize(ref: RefObject<HTMLElement | null>): StageSize {
  const [size, setSize] = useState<StageSize>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}

/** Whether a media query holds, followed. */
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const follow = () => setHolds(list.matches);
    follow();
    list.addEventListener("change", follow);
    return () => list.removeEventListener("change", follow);
  }, [query]);
  return holds;
}

/** The layout for phones: narrow, or lying flat. */
export const PHONE = "(max-width: 760px), (max-height: 500px) and (orientation: landscape)";

/** Where something lies. */
export interface Place extends StageSize {
  readonly left: number;
  readonly top: number;
}

const MOVE = { duration: 240, easing: "cubic-bezier(.2,.8,.2,1)" };

/** Lets an element glide to its new place instead of jumping. Only its transform moves. */
export function useGlide(ref: RefObject<HTMLElement | null>, place: Place | undefined): void {
  const before = useRef(place);
  useLayoutEffect(() => {
    const from = before.current;
    before.current = place;
    const element = ref.current;
    if (!element || !from || !place || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    if (from.width === 0 || (from.left === place.left && from.top === place.top)) return;
    const shift = `translate(${from.left - place.left}px, ${from.top - place.top}px) scale(${from.width / place.width}, ${from.height / place.height})`;
    element.animate([{ transform: shift, transformOrigin: "0 0" }, { transform: "none", transformOrigin: "0 0" }], MOVE);
  }, [place?.left, place?.top, place?.width, place?.height]);
}

/** The time now, looked at every second while `isOn`. */
export function useNow(isOn: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isOn) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isOn]);
  return now;
}
