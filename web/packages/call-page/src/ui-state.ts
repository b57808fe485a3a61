import { readKept, storedTheme, type Theme } from "@parlor/ui";
import type { CameraError } from "@parlor/engine";

import type { ChatEntry } from "./model/chat-log.ts";
import type { Ending } from "./model/ending.ts";
import type { Reaction } from "./model/signal.ts";
import { NOBODY, type Arrangement } from "./model/order.ts";
import { english, type Language } from "./texts.ts";

/** What the page shows. */
export type Screen = "looking" | "prejoin" | "call" | "ending";

/** What stands beside the stage. */
export type Panel = "people" | "chat";

/** A short message above the bar. */
export interface Toast {
  readonly text: string;
  /** Stays until answered. */
  readonly isError?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** Which of the menus of the bar is open. */
export type OpenMenu = "mic" | "camera" | "react" | "more" | "network";

/** Everything about the page that is not the call itself. */
export interface Ui {
  readonly screen: Screen;
  readonly ending: Ending | null;
  readonly language: Language;
  /** The name typed or remembered. */
  readonly name: string;
  /** Whether the person asked to be in the call: then a retry joins at once. */
  readonly wantsIn: boolean;
  readonly joining: "no" | "yes" | "slow";
  /** Which devices did not start, and why. */
  readonly failed: CameraError["failed"];
  /** The person goes on without the devices that did not start. */
  readonly isNoticeDone: boolean;
  readonly panel: Panel | null;
  readonly menu: OpenMenu | null;
  readonly dialog: "settings" | "shortcuts" | null;
  readonly layout: "grid" | "speaker";
  readonly pinned: string | null;
  readonly gridPage: number;
  readonly arrangement: Arrangement;
  readonly spokeAt: ReadonlyMap<string, number>;
  readonly speaking: ReadonlySet<string>;
  /** Since when whose hand is up, on the server's clock; one's own too. */
  readonly hands: ReadonlyMap<string, number>;
  /** The newest reaction of each, while it is seen. */
  readonly reactions: ReadonlyMap<string, { readonly reaction: Reaction; readonly key: number }>;
  readonly chat: readonly ChatEntry[];
  /** Whether somebody has passed on the chat from before one came. */
  readonly hasHistory: boolean;
  /** Messages not read yet; counted while the panel is closed. */
  readonly unread: number;
  /** Key of the first unread message when the panel opened. */
  readonly firstUnread: number | null;
  readonly toast: Toast | null;
  /** What the live region says. */
  readonly said: string;
  /** When the meeting began, on this browser's clock. */
  readonly beganAt: number | null;
  /** When oneself came in, on this browser's clock. */
  readonly joinedAt: number | null;
  readonly isSoundBlocked: boolean;
  readonly hasShortcuts: boolean;
  readonly theme: Theme;
  /** How often the server was tried in vain, and since when. */
  readonly tries: { readonly count: number; readonly since: number };
}

/** Under which names things are kept in this browser. */
export const KEPT = {
  name: "parlor.name",
  shortcuts: "parlor.shortcuts",
  mic: "parlor.mic",
  camera: "parlor.camera",
  speaker: "parlor.speaker",
} as const;

/** The page before anything happened. */
export function initialUi(): Ui {
  return {
    screen: "looking",
    ending: null,
    language: english(),
    name: readKept(KEPT.name),
    wantsIn: false,
    joining: "no",
    failed: {},
    isNoticeDone: false,
    panel: null,
    menu: null,
    dialog: null,
    layout: "grid",
    pinned: null,
    gridPage: 0,
    arrangement: NOBODY,
    spokeAt: new Map(),
    speaking: new Set(),
    hands: new Map(),
    reactions: new Map(),
    chat: [],
    hasHistory: false,
    unread: 0,
    firstUnread: null,
    toast: null,
    said: "",
    beganAt: null,
    joinedAt: null,
    isSoundBlocked: false,
    hasShortcuts: readKept(KEPT.shortcuts) !== "off",
    theme: storedTheme(),
    tries: { count: 0, since: 0 },
  };
}
