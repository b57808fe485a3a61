import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Icon } from "./icon.tsx";
import { CheckIcon } from "./icons.ts";
import { moveWithin, type RovingMove } from "./roving.ts";

type MenuProps = {
  name: string;
  children: ComponentChildren;
  class?: string;
  /** Called on Escape, on a click elsewhere, and when Tab leaves. */
  onClose: () => void;
};

/** A menu that is already open. Arrows move, Escape closes, letters jump. */
export function Menu(props: MenuProps) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    focusFirst(root.current);
    const closeOutside = (event: PointerEvent) => {
      const owner = root.current?.closest("[data-menu-owner]") ?? root.current?.parentElement;
      if (event.target instanceof Node && owner?.contains(event.target)) return;
      props.onClose();
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      const isFocusLost = document.activeElement === null || document.activeElement === document.body;
      if (isFocusLost && opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <div ref={root} role="menu" aria-label={props.name} class={`menu ${props.class ?? ""}`} onKeyDown={(event) => handleKey(event, root.current, props.onClose)}>
      {props.children}
    </div>
  );
}

/** A line of a menu; with `isChecked` it is one choice of a group. */
export function MenuItem(props: { children: ComponentChildren; isChecked?: boolean; onChoose: () => void }) {
  const isChoice = props.isChecked !== undefined;
  return (
    <button type="button" tabIndex={-1} role={isChoice ? "menuitemradio" : "menuitem"} aria-checked={props.isChecked} onClick={props.onChoose}>
      {isChoice ? props.isChecked ? <Icon of={CheckIcon} size={16} /> : <i class="gap" /> : null}
      <span>{props.children}</span>
    </button>
  );
}

/** A titled group of choices. */
export function MenuGroup(props: { title: string; children: ComponentChildren }) {
  return (
    <div role="group" aria-label={props.title}>
      <h3 aria-hidden="true">{props.title}</h3>
      {props.children}
    </div>
  );
}

function itemsOf(root: HTMLElement | null): HTMLElement[] {
  return root ? [...root.querySelectorAll<HTMLElement>("[role^=menuitem]")] : [];
}

function focusFirst(root: HTMLElement | null): void {
  const items = itemsOf(root);
  (items.find((item) => item.getAttribute("aria-checked") === "true") ?? items[0])?.focus();
}

const MOVES: Partial<Record<string, RovingMove>> = { ArrowDown: "next", ArrowRight: "next", ArrowUp: "previous", ArrowLeft: "previous", Home: "first", End: "last" };

function handleKey(event: KeyboardEvent, root: HTMLElement | null, close: () => void): void {
  const move = MOVES[event.key];
  if (move) {
    event.preventDefault();
    moveWithin(itemsOf(root), move);
  } else if (event.key === "Escape" || event.key === "Tab") {
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key.length === 1 && /\S/.test(event.key)) {
    typeAhead(itemsOf(root), event.key);
  }
}

function typeAhead(items: HTMLElement[], letter: string): void {
  const from = items.findIndex((item) => item === document.activeElement) + 1;
  const inOrder = [...items.slice(from), ...items.slice(0, from)];
  const wanted = letter.toLocaleLowerCase();
  inOrder.find((item) => item.textContent?.trim().toLocaleLowerCase().startsWith(wanted))?.focus();
}
