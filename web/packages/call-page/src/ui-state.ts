import { readKept, storedTheme, type Theme } from "@parlor/ui";
import type { CameraError } from "@parlor/engine";

import { CAPTION_SIZES, type Caption, type CaptionSize } from "./model/captions.ts";
import type { ChatEntry } from "./model/chat-log.ts";
import type { ChatReactions } from "./model/chat-reactions.ts";
import type { Ending } from "./model/ending.ts";
import type { Reaction } from "./model/signal.ts";
import { NOBODY, type Arrangement } from "./model/order.ts";
import { english, type Language } from "./texts.ts";

/** What the page shows. */
export type Screen = "looking" | "prejoin" | "waiting" | "call" | "ending";

/** What stands beside the stage. */
export type Panel = "people" | "chat";

/** A short message above the bar. */
export interface Toast {
  readonly text: string;
  /** Stays until answered. */
  readonly isError?: boolean;
  readonly action?: ToastAction;
  /** A second way to answer, before the other. */
  readonly other?: ToastAction;
  /** How long it stands, where not the usual time. */
  readonly standMs?: number;
}

/** A way to answer a toast. */
export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

/** Which menu is open: one of the bar's, or somebody's, in a tile or a row. */
export type OpenMenu = "mic" | "camera" | "react" | "more" | "network" | "leave" | "corner" | `tile:${string}` | `row:${string}` | `chat:${number}` | "emoji";

/** Which dialog is open; of a person, by their id. */
export type OpenDialog = "settings" | "shortcuts" | "commands" | "end" | "rename" | "captions" | `remove:${string}`;

/** Where one's own picture floats when there are two. */
export type Corner = "top-left" | "top-right" | "bottom-left" | "bottom-right";

/** How many people a page of the grid holds at most; `null`: as many as are useful. */
export type PerPage = 9 | 16 | 25 | 36 | 49 | null;

/** What the page does to one's picture and sound. */
export interface Effects {
  readonly blur: boolean;
  readonly noise: boolean;
}

/** A button that an application adds to the bar. */
export interface TrayButton {
  readonly id: string;
  readonly label: string;
  readonly tooltip: string;
  readonly iconPath: string;
  readonly iconPathDarkMode: string;
  readonly isActive: boolean;
}

/** What an application around the page shows and hides of it. */
export interface Outline {
  readonly names: "normal" | "always" | "never";
  readonly hasSelf: boolean;
  readonly hasParticipantsBar: boolean;
  readonly mayRename: boolean;
  readonly buttons: readonly TrayButton[];
}

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
  readonly dialog: OpenDialog | null;
  readonly layout: "grid" | "speaker";
  readonly perPage: PerPage;
  readonly fit: "cover" | "contain";
  readonly corner: Corner;
  readonly isSelfHidden: boolean;
  readonly pinned: string | null;
  /** Whose screen is looked at, when several are shared. */
  readonly screenOf: string | null;
  /** Who is large in speaker view: who spoke for long enough, never oneself. */
  readonly mainSpeaker: string | null;
  readonly gridPage: number;
  readonly arrangement: Arrangement;
  readonly spokeAt: ReadonlyMap<string, number>;
  readonly speaking: ReadonlySet<string>;
  /** Since when whose hand is up, on the server's clock; one's own too. */
  readonly hands: ReadonlyMap<string, number>;
  /** The newest reaction of each, while it is seen. */
  readonly reactions: ReadonlyMap<string, { readonly reaction: Reaction; readonly key: number }>;
  /** Who is about to be denied, while that can be undone. */
  readonly denied: ReadonlySet<string>;
  readonly chat: readonly ChatEntry[];
  /** Reactions to messages: by message, emoji, and who. */
  readonly chatReactions: ChatReactions;
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
  /** Pictures of others are switched off, for a poor connection. */
  readonly isVideoOff: boolean;
  readonly captions: { readonly isOn: boolean; readonly size: CaptionSize };
  readonly captionLog: readonly Caption[];
  readonly effects: Effects;
  /** A recording that this page asked for runs. */
  readonly isRecording: boolean;
  readonly outline: Outline;
  /** A small window, or a floating picture, shows the call. */
  readonly isPip: boolean;
  readonly hasShortcuts: boolean;
  readonly theme: Theme;
  /** How often the server was tried in vain, and since when. */
  readonly tries: { readonly count: number; readonly since: number };
}

/** The choices of {@link PerPage}. */
export const PER_PAGE = [9, 16, 25, 36, 49] as const;

/** The choices of {@link Corner}. */
export const CORNERS: readonly Corner[] = ["top-left", "top-right", "bottom-left", "bottom-right"];

/** Under which names things are kept in this browser. */
export const KEPT = {
  name: "parlor.name",
  shortcuts: "parlor.shortcuts",
  perPage: "parlor.per-page",
  fit: "parlor.fit",
  corner: "parlor.corner",
  captionSize: "parlor.caption-size",
  blur: "parlor.blur",
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
    perPage: PER_PAGE.find((number) => String(number) === readKept(KEPT.perPage)) ?? null,
    fit: readKept(KEPT.fit) === "contain" ? "contain" : "cover",
    corner: CORNERS.find((corner) => corner === readKept(KEPT.corner)) ?? "bottom-right",
    isSelfHidden: false,
    pinned: null,
    screenOf: null,
    mainSpeaker: null,
    gridPage: 0,
    arrangement: NOBODY,
    spokeAt: new Map(),
    speaking: new Set(),
    hands: new Map(),
    reactions: new Map(),
    denied: new Set(),
    chat: [],
    chatReactions: new Map(),
    hasHistory: false,
    unread: 0,
    firstUnread: null,
    toast: null,
    said: "",
    beganAt: null,
    joinedAt: null,
    isSoundBlocked: false,
    isVideoOff: false,
    captions: { isOn: false, size: CAPTION_SIZES.find((size) => String(size) === readKept(KEPT.captionSize)) ?? 18 },
    captionLog: [],
    effects: { blur: false, noise: true },
    isRecording: false,
    isPip: false,
    outline: { names: "normal", hasSelf: true, hasParticipantsBar: true, mayRename: false, buttons: [] },
    hasShortcuts: readKept(KEPT.shortcuts) !== "off",
    theme: storedTheme(),
    tries: { count: 0, since: 0 },
  };
}
