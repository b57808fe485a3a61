import { avatarHue, initials } from "./initials.ts";
import { Icon } from "./icon.tsx";
import { PersonIcon } from "./icons.ts";

/** Initials on a gradient. Always beside a name, so hidden from readers. */
export function Avatar(props: { name: string; userId: string; size: number }) {
  const letters = initials(props.name);
  const style = { "--h": String(avatarHue(props.userId)), "--sz": `${props.size}px` };
  return (
    <span class="av" style={style} aria-hidden="true">
      {letters === "" ? <Icon of={PersonIcon} size={Math.round(props.size * 0.5)} /> : letters}
    </span>
  );
}
