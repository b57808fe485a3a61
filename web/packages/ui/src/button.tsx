import type { ComponentChildren } from "preact";

import { classes } from "./classes.ts";
import { Icon, type IconShape } from "./icon.tsx";

/** What a button looks like: at most one `filled` for each decision. */
export type ButtonLook = "plain" | "filled" | "ghost" | "danger";

type ButtonProps = {
  children: ComponentChildren;
  look?: ButtonLook;
  size?: "s" | "m" | "l";
  icon?: IconShape;
  isWide?: boolean;
  /** Working: the label stays, a spinner turns, clicks do nothing. */
  isBusy?: boolean;
  isSubmit?: boolean;
  isFocusedFirst?: boolean;
  /** What readers hear, where the label alone does not say whom it is about. */
  name?: string;
  onClick?: () => void;
};

/** A button with a label. */
export function Button(props: ButtonProps) {
  const isBusy = props.isBusy ?? false;
  const size = props.size ?? "m";
  return (
    <button
      type={props.isSubmit ? "submit" : "button"}
      class={classes("btn", props.look ?? "plain", size !== "m" && size, props.isWide && "wide")}
      aria-label={props.name}
      aria-busy={isBusy ? "true" : undefined}
      autofocus={props.isFocusedFirst ?? false}
      onClick={() => {
        if (!isBusy) props.onClick?.();
      }}
    >
      {isBusy ? <span class="spinner" aria-hidden="true" /> : null}
      {props.icon && !isBusy ? <Icon of={props.icon} size={size === "s" ? 15 : 17} /> : null}
      {props.children}
    </button>
  );
}
