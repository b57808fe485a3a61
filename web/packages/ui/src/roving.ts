import { useEffect, useRef } from "preact/hooks";

/** Where the focus goes among the controls of a toolbar or menu. */
export type RovingMove = "next" | "previous" | "first" | "last";

/** Moves the focus among `items`, from the one that has it, round the ends. */
export function moveWithin(items: HTMLElement[], move: RovingMove): void {
  const at = items.findIndex((item) => item === document.activeElement);
  const target = { next: at + 1, previous: at - 1, first: 0, last: items.length - 1 }[move];
  items[(target + items.length) % items.length]?.focus();
}

const TOOLBAR_MOVES: Partial<Record<string, RovingMove>> = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last" };

/**
 * Makes an element a toolbar with one tab stop: Left, Right, Home and End move
 * among its own buttons. Menus inside keep their keys.
 */
export function useToolbar() {
  const ref = useRef<HTMLDivElement>(null);
  const buttons = () => {
    const all = ref.current?.querySelectorAll<HTMLElement>("button") ?? [];
    return [...all].filter((button) => button.closest("[role=menu], dialog") === null && button.offsetParent !== null);
  };
  useEffect(() => {
    const items = buttons();
    const current = items.find((item) => item === document.activeElement) ?? items.find((item) => item.tabIndex === 0) ?? items[0];
    for (const item of items) item.tabIndex = item === current ? 0 : -1;
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const move = TOOLBAR_MOVES[event.key];
    const items = buttons();
    if (!move || !items.some((item) => item === document.activeElement)) return;
    event.preventDefault();
    moveWithin(items, move);
  };
  const onFocusIn = (event: FocusEvent) => {
    const items = buttons();
    if (!items.some((item) => item === event.target)) return;
    for (const item of items) item.tabIndex = item === event.target ? 0 : -1;
  };
  return { ref, onKeyDown, onFocusIn };
}
