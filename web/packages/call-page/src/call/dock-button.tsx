import { classes, Icon, useTip, type IconShape } from "@parlor/ui";
import type { ComponentChildren } from "preact";

type DockButtonProps = {
  label: string;
  icon: IconShape;
  /** Switched off: shape, word and colour say so. */
  isMuted?: boolean;
  isPressed?: boolean;
  isLeave?: boolean;
  hasMenu?: boolean;
  isOpen?: boolean;
  class?: string;
  /** Address of a picture in place of the icon: an application's own. */
  picture?: string;
  title?: string;
  children?: ComponentChildren;
  onClick: () => void;
};

/** A control of the bar: an icon over its word. */
export function DockButton(props: DockButtonProps) {
  return (
    <button
      type="button"
      class={classes("dk", props.isMuted && "muted", props.isLeave && "leave", props.class)}
      aria-pressed={props.isPressed}
      aria-haspopup={props.hasMenu ? "menu" : undefined}
      aria-expanded={props.hasMenu ? (props.isOpen ?? false) : undefined}
      title={props.title}
      onClick={props.onClick}
    >
      {props.picture ? <img src={props.picture} alt="" width={21} height={21} /> : <Icon of={props.icon} size={21} />}
      <span>{props.label}</span>
      {props.children}
    </button>
  );
}

/** A number on a control, with words for readers. */
export function Badge(props: { count: number; name: string; isUrgent?: boolean }) {
  return (
    <span class={classes("badge", props.isUrgent && "urgent")}>
      <span aria-hidden="true">{props.count > 99 ? "99+" : props.count}</span>
      <span class="vh">, {props.name}</span>
    </span>
  );
}

/** A large key of the phone layout: its name is read, not shown. */
export function PhoneKey(props: { name: string; icon: IconShape; class?: string; children?: ComponentChildren; hasDialog?: boolean; onClick: () => void }) {
  const tip = useTip("above");
  return (
    <button type="button" class={props.class ?? ""} aria-label={props.name} aria-haspopup={props.hasDialog ? "dialog" : undefined} onClick={props.onClick} {...tip.handlers}>
      <Icon of={props.icon} size={23} />
      {props.children}
      {tip.isShown ? <span class="tip" aria-hidden="true">{props.name}</span> : null}
    </button>
  );
}
