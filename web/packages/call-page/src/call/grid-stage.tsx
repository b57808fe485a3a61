import { Icon, LeftIcon, RightIcon } from "@parlor/ui";
import { useEffect, useRef } from "preact/hooks";

import { pagesOf } from "../model/order.ts";
import { pageCapacity, tileGrid, tilePlace } from "../model/tile-grid.ts";
import { useCall, usePage, useUi } from "../page.ts";
import { PHONE, useMedia, useSize } from "./measure.ts";
import { Tile } from "./tile.tsx";

/** Everybody in equal tiles, on pages when there are many. */
export function GridStage() {
  const page = usePage();
  const { stage } = page.language.texts;
  const ref = useRef<HTMLUListElement>(null);
  const size = useSize(ref);
  const isPhone = useMedia(PHONE);
  const order = useUi((ui) => ui.arrangement.order);
  const wanted = useUi((ui) => ui.gridPage);
  const here = useCall((state) => state.participants);
  const chosen = useUi((ui) => ui.perPage) ?? page.mostTiles;
  const hasSelf = useHasSelf();
  const capacity = size.width > 0 ? pageCapacity(size, { isPhone, isSparing: page.isOn("experimental_optimize_large_calls", false), chosen }) : 25;
  const pages = pagesOf(order.filter((id) => here.has(id)), capacity, { hasSelf });
  const at = Math.min(wanted, pages.length - 1);
  const next = pages[at + 1]?.others ?? [];
  useEffect(() => {
    page.views.prepare(next);
    return () => page.views.prepare([]);
  }, [next.join(" ")]);
  const shown = pages[at] ?? { others: [], isSelfHere: true };
  const ids = shown.isSelfHere ? [...shown.others, "local"] : shown.others;
  useEffect(() => {
    page.pageCapacity = capacity;
  }, [capacity]);
  const grid = size.width > 0 ? tileGrid(ids.length, size) : null;
  const name = pages.length > 1 ? stage.page(at + 1, pages.length) : stage.count(ids.length);
  return (
    <div class={pages.length > 1 ? "grid-stage paged" : "grid-stage"}>
      <ul class="grid" ref={ref} aria-label={name}>
        {grid ? ids.map((id, index) => <Tile key={id} id={id} place={{ ...tilePlace(grid, index, ids.length, size), width: grid.width, height: grid.height }} />) : null}
      </ul>
      {pages.length > 1 ? <Pager at={at} count={pages.length} /> : null}
    </div>
  );
}

/** Whether one's own tile is shown: neither oneself nor an application hid it. */
export function useHasSelf(): boolean {
  return useUi((ui) => !ui.isSelfHidden && ui.outline.hasSelf);
}

function Pager(props: { at: number; count: number }) {
  const page = usePage();
  const { stage } = page.language.texts;
  const go = (to: number) => {
    if (to < 0 || to >= props.count) return;
    page.ui.update({ gridPage: to });
    page.say(stage.pageSaid(to + 1, props.count));
  };
  usePageKeys(() => go(props.at - 1), () => go(props.at + 1));
  const dots = Array.from({ length: props.count }, (_, index) => (
    <button key={index} type="button" aria-label={stage.page(index + 1, props.count)} aria-current={index === props.at ? "page" : undefined} onClick={() => go(index)} />
  ));
  return (
    <>
      {props.at > 0 ? <button type="button" class="turn back" aria-label={stage.previousPage} onClick={() => go(props.at - 1)}><Icon of={LeftIcon} size={22} /></button> : null}
      {props.at < props.count - 1 ? <button type="button" class="turn on" aria-label={stage.nextPage} onClick={() => go(props.at + 1)}><Icon of={RightIcon} size={22} /></button> : null}
      <div class="pages">{dots}</div>
    </>
  );
}

/** How far a finger must travel sideways to turn the page. */
const SWIPE_PIXELS = 60;

function usePageKeys(back: () => void, on: () => void): void {
  const turn = useRef({ back, on });
  turn.current = { back, on };
  useEffect(() => {
    const stage = document.getElementById("stage");
    let startX = 0;
    const handleKey = (event: KeyboardEvent) => {
      if (event.key === "PageUp") turn.current.back();
      if (event.key === "PageDown") turn.current.on();
    };
    const handleStart = (event: TouchEvent) => {
      startX = event.touches[0]?.clientX ?? 0;
    };
    const handleEnd = (event: TouchEvent) => {
      const moved = (event.changedTouches[0]?.clientX ?? startX) - startX;
      if (Math.abs(moved) > SWIPE_PIXELS) (moved > 0 ? turn.current.back : turn.current.on)();
    };
    document.addEventListener("keydown", handleKey);
    stage?.addEventListener("touchstart", handleStart, { passive: true });
    stage?.addEventListener("touchend", handleEnd, { passive: true });
    return () => {
      document.removeEventListener("keydown", handleKey);
      stage?.removeEventListener("touchstart", handleStart);
      stage?.removeEventListener("touchend", handleEnd);
    };
  }, []);
}
