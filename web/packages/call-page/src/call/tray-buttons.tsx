import { CheckIcon, ChatIcon, type IconShape } from "@parlor/ui";

import { usePage, useUi } from "../page.ts";
import type { TrayButton } from "../ui-state.ts";
import { DockButton } from "./dock-button.tsx";

/** How many of an application's buttons stand in the bar; the others are under More. */
export const TRAY_MOST = 3;

/** Buttons that an application around the page adds, in its order. */
export function TrayButtons() {
  const page = usePage();
  const buttons = useUi((ui) => ui.outline.buttons);
  return <>{buttons.slice(0, TRAY_MOST).map((button) => <Tray key={button.id} button={button} press={() => page.embedded?.pressButton(button.id)} />)}</>;
}

function Tray(props: { button: TrayButton; press: () => void }) {
  const { button } = props;
  const theme = useUi((ui) => ui.theme);
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  const path = (isDark ? button.iconPathDarkMode : "") || button.iconPath;
  const icon: IconShape = button.isActive ? CheckIcon : ChatIcon;
  return <DockButton class="tray-button" label={button.label} title={button.tooltip} icon={icon} picture={path} isPressed={button.isActive} onClick={props.press} />;
}
