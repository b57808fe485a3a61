/** The kit: components and small shared pieces of Parlor's pages. */
export { Avatar } from "./avatar.tsx";
export { Button, type ButtonLook } from "./button.tsx";
export { classes } from "./classes.ts";
export { copyText } from "./copy-text.ts";
export { Dialog } from "./dialog.tsx";
export { Icon, Mark, type IconShape } from "./icon.tsx";
export { IconButton, useTip, type TipSide } from "./icon-button.tsx";
export * from "./icons.ts";
export { avatarHue, initials } from "./initials.ts";
export { Menu, MenuGroup, MenuItem } from "./menu.tsx";
export { Bars, Meter, SpeakingBars } from "./meter.tsx";
export { moveWithin, useToolbar } from "./roving.ts";
export { applyTheme, readKept, storedTheme, writeKept, type Theme } from "./theme.ts";
