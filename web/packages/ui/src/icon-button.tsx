import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import { classes } from "./classes.ts";
import { Icon, type IconShape } from "./icon.tsx";

/** Where a tooltip shows. */
export type TipSide = "above" | "below" | "left" | "none";

type IconButtonProps = {
  /** The name: read aloud, and shown as a tooltip. */
  name: string;
  icon: IconShape;
  size?: "s" | "m" | "l";
  iconSize?: number;
  tip?: TipSide;
  isPressed?: boolean;
  /** Whether the menu that the button opens is open. */
  menu?: boolean;
  class?: string;
  children?: ComponentChildren;
  onClick?: () => void;
};

/** How long a pointer rests before the tooltip shows, in milliseconds. */
const TIP_DELAY_MS = 500;

/** A button that is only a sign; its name shows on hover and on focus. */
export function IconButton(props: IconButtonProps) {
  const tip = useTip(props.tip ?? "above");
  const size = props.size ?? "m";
  return (
    <button
      type="button"
      class={classes("ib", size !== "m" && size, props.class)}
      aria-label={props.name}
      aria-pressed={props.isPressed}
      aria-haspopup={props.menu === undefined ? undefined : "menu"}
      aria-expanded={props.menu}
      onClick={props.onClick}
      {...tip.handlers}
    >
      <Icon of={props.icon} size={props.iconSize ?? (size === "l" ? 21 : 18)} />
      {props.children}
      {tip.isShown ? <span class={classes("tip", props.tip)} aria-hidden="true">{props.name}</span> : null}
    </button>
  );
}

/** The moments at which a tooltip comes and goes; Escape closes it. */
export function useTip(side: TipSide) {
  const [isShown, show] = useState(false);
  const timer = useRef<number | undefined>(undefined);
  const hide = () => {
    clearTimeout(timer.current);
    show(false);
  };
  const handlers = {
    onPointerEnter: (event: PointerEvent) => {
      if (event.pointerType === "touch") return;
      timer.current = window.setTimeout(() => show(true), TIP_DELAY_MS);
    },
    onPointerLeave: hide,
    onPointerDown: hide,
    onBlur: hide,
    onFocus: (event: FocusEvent) => {
      if (event.target instanceof Element && event.target.matches(":focus-visible")) show(true);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Escape") hide();
    },
  };
  return { isShown: isShown && side !== "none", handlers };
}
