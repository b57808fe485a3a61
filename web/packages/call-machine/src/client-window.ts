/** The few things that daily-js and its call machine share on the window. */
import type { Store } from "./store.ts";

/** What a client of 0.59 or later has on the window. */
export interface ClientInstance {
  /** From 0.66: tracks that the application passes. */
  tracks?: Record<string, unknown>;
  /** 0.59 to 0.61. */
  resetCallMachine?: () => void;
  /** From 0.62. */
  callMachine?: { readonly store: Store; reset(): void };
}

/** The client's own global, when a script tag loaded it: the way from an id to its object. */
interface ClientGlobal {
  getCallInstance?: (id: string) => { readonly properties?: { readonly url?: unknown } } | undefined;
}

/** The window as both sides see it. */
export interface ClientWindow extends Window {
  Daily?: ClientGlobal;
  DailyIframe?: ClientGlobal;
  _daily?: { pendings?: string[]; instances?: Record<string, ClientInstance> };
  /** Before 0.59 the waiting client's id is here. */
  _dailyConfig?: { callFrameId?: string };
  /** Before 0.66: tracks that the application passes. */
  _dailyPreloadCache?: Record<string, unknown>;
  /** Before 0.59: called when the same object joins again. */
  _dailyCallObjectSetup?: (callFrameId: string) => void;
  /** Loads by script element that are still wanted. */
  _dailyCallMachineLoadWaitlist?: Set<unknown>;
  /** Before 0.62: the newest client's store. */
  store?: unknown;
  /** Ours: machines by client id, so that a later run of the bundle finds earlier ones. */
  _parlorCallMachines?: Map<string, { dispose(): void }>;
}
