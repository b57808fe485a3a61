import type { Call, CallState, JoinOptions } from "@parlor/browser";
import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { PageAddress } from "./address.ts";
import { Store, useSource } from "./store.ts";
import type { Language } from "./texts.ts";
import { initialUi, type Ui } from "./ui-state.ts";
import { Views, wishesFor, wishForOthers, type Seen } from "./views.ts";

/** Which of one's own devices do not send. */
export interface DevicesOff {
  readonly startAudioOff: boolean;
  readonly startVideoOff: boolean;
}

/** The devices of a call that do not send. */
export function devicesOff(state: CallState): DevicesOff {
  const { tracks } = state.local;
  return { startAudioOff: !isSent(tracks["cam-audio"].state), startVideoOff: !isSent(tracks["cam-video"].state) };
}

/** Whether a track in this state is sent, as far as its sender is concerned. */
export function isSent(state: string): boolean {
  return state !== "off" && state !== "blocked";
}

/** The page in a frame: what it shows, and whom it tells. */
export interface Embedded {
  readonly hasLeave: boolean;
  readonly hasFullScreen: boolean;
  /** Called before each entry. */
  readonly begin: () => void;
  /** Called when a person presses a button that the application added. */
  readonly pressButton: (id: string) => void;
  /** A frame cannot fill the screen by itself. */
  readonly toggleFullScreen: () => void;
}

/** The page: a call, what is shown of it, and where it is. */
export class Page {
  readonly ui = new Store<Ui>(initialUi());
  readonly call: Call;
  /** Which videos are on the screen. */
  readonly views = new Views((seen, next) => this.#wishForViews(seen, next));
  /** Which room; an application around the page may name another. */
  address: PageAddress;
  /** How the page stands in a frame; `null`: opened directly. */
  embedded: Embedded | null;
  /** What an application around the page wants of the join. */
  joinWishes: Partial<Pick<JoinOptions, "startAudioOff" | "startVideoOff" | "userData">> = {};
  /** The language an application around the page wants; `null`: as room, domain or token say. */
  languageWish: string | null = null;
  /** Arrivals are heard while there are no more people than this; an application says so. */
  dingsUpTo = 0;
  /** How many tiles a page of the grid holds at most, if an application says so. */
  mostTiles: number | null = null;
  /** How many tiles a page of the grid holds now; the grid measures it. */
  pageCapacity = 25;
  /** Which devices were off when one was last in the call, for coming back as one was. */
  lastOff: DevicesOff | null = null;

  constructor(call: Call, address: PageAddress, embedded: Embedded | null = null) {
    this.call = call;
    this.address = address;
    this.embedded = embedded;
  }

  /** How the page stands in its frame, where there must be one. */
  requireEmbedded(): Embedded {
    if (!this.embedded) throw new Error("this page was not opened in a frame");
    return this.embedded;
  }

  /** The language the page speaks now. */
  get language(): Language {
    return this.ui.value.language;
  }

  /** A property that applies here, by its wire name. */
  property(name: string): unknown {
    return this.call.state.effective?.properties[name];
  }

  /** Whether a switch is on; `otherwise` while nothing is known of it. */
  isOn(name: string, otherwise: boolean): boolean {
    const value = this.property(name);
    return typeof value === "boolean" ? value : otherwise;
  }

  /** The room's name as the server spells it. */
  get roomName(): string {
    return this.call.state.room?.name ?? this.address.room;
  }

  #wishForViews(seen: readonly Seen[], next: readonly string[]): void {
    const { phase, participants } = this.call.state;
    if (phase !== "joined") return;
    const look = { hasCameras: !this.ui.value.isVideoOff };
    const wishes = wishesFor(seen, next, look);
    this.call.setVideoWishes(wishForOthers(wishes, [...participants.keys()], look), wishes);
  }

  /** Says something in the live region. */
  say(text: string): void {
    this.ui.update({ said: text });
  }
}

const PageContext = createContext<Page | null>(null);

/** Hands the page to the components inside. */
export const PageProvider = PageContext.Provider;

/** The page a component is on. */
export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error("usePage needs a PageProvider around it");
  return page;
}

/** Follows part of the call. */
export function useCall<S>(select: (state: CallState) => S): S {
  const page = usePage();
  return useSource(callSource(page.call), select);
}

/** Follows part of what the page shows. */
export function useUi<S>(select: (ui: Ui) => S): S {
  const page = usePage();
  return useSource(uiSource(page.ui), select);
}

const callSources = new WeakMap<Call, { read: () => CallState; subscribe: (listener: () => void) => () => void }>();
const uiSources = new WeakMap<Store<Ui>, { read: () => Ui; subscribe: (listener: () => void) => () => void }>();

function callSource(call: Call) {
  const known = callSources.get(call);
  if (known) return known;
  const source = { read: () => call.state, subscribe: (listener: () => void) => call.subscribe(() => listener()) };
  callSources.set(call, source);
  return source;
}

function uiSource(ui: Store<Ui>) {
  const known = uiSources.get(ui);
  if (known) return known;
  const source = { read: () => ui.value, subscribe: (listener: () => void) => ui.subscribe(listener) };
  uiSources.set(ui, source);
  return source;
}
