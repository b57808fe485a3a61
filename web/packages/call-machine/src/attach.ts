/**
 * Finds the daily-js objects that wait for a call machine, in all the places
 * where versions leave word, and gives each one its own.
 */
import type { TrackShelf } from "./app-tracks.ts";
import { WindowChannel } from "./channel.ts";
import type { ClientInstance, ClientWindow } from "./client-window.ts";
import { Machine } from "./machine.ts";
import { createStore, isOwnStore, type Store } from "./store.ts";

/** A load that was cancelled cannot be stopped, but nobody waits for it. */
export function isCancelled(window: ClientWindow): boolean {
  const waiting = window._dailyCallMachineLoadWaitlist;
  // Only script elements put themselves on the list; a fetched bundle has no current script.
  return Boolean(window.document.currentScript) && waiting !== undefined && waiting.size === 0;
}

/** Attaches to everybody who waits. */
export function attachAll(window: ClientWindow): void {
  const pending = window._daily?.pendings?.splice(0) ?? [];
  for (const id of pending) attachInstance(window, id);
  const oldId = window._dailyConfig?.callFrameId;
  if (pending.length === 0 && oldId !== undefined) attachOld(window, oldId);
}

/** 0.59 and later: a place for each client. */
function attachInstance(window: ClientWindow, id: string): void {
  const instances = window._daily?.instances ?? {};
  const instance: ClientInstance = (instances[id] ??= {});
  const { machine, channel, store } = create(window, id, () => window._daily?.instances?.[id] !== undefined);
  instance.callMachine = { store, reset: () => machine.reset() };
  instance.resetCallMachine = () => machine.reset();
  // From 0.66 the constructor puts `tracks` there. Clients without may be from
  // before 0.62 and read the global; leave one alone that the application owns.
  const isFree = window.store === undefined || isOwnStore(window.store);
  if (instance.tracks === undefined && isFree) window.store = store;
  channel.send("loaded");
}

/** Before 0.59: one client for each window. */
function attachOld(window: ClientWindow, id: string): void {
  const { channel } = setUpOld(window, id);
  channel.send("loaded");
}

function setUpOld(window: ClientWindow, id: string): ReturnType<typeof create> {
  const parts = create(window, id, () => true);
  window.store = parts.store;
  // The client tells of `loaded` itself when it comes this way.
  window._dailyCallObjectSetup = (callFrameId) => void setUpOld(window, callFrameId);
  return parts;
}

function create(window: ClientWindow, id: string, isAlive: () => boolean): { machine: Machine; channel: WindowChannel; store: Store } {
  const machines = (window._parlorCallMachines ??= new Map());
  machines.get(id)?.dispose();
  const channel = new WindowChannel(
    window,
    id,
    () => {
      if (!isAlive()) dispose();
      return isAlive();
    },
    (request) => machine.handle(request),
  );
  const machine = new Machine({ channel, shelves: () => shelvesOf(window, id), urlOfClient: () => urlOf(window, id) });
  const store = createStore(() => machine.call);
  const dispose = (): void => {
    channel.close();
    machine.dispose();
    if (machines.get(id)?.dispose === dispose) machines.delete(id);
  };
  machines.set(id, { dispose });
  return { machine, channel, store };
}

function shelvesOf(window: ClientWindow, id: string): readonly TrackShelf[] {
  return [window._daily?.instances?.[id]?.tracks ?? {}, window._dailyPreloadCache ?? {}];
}

/** Tests may run before any message tells the room's URL. */
function urlOf({ Daily, DailyIframe }: ClientWindow, id: string): string | undefined {
  const url = (Daily ?? DailyIframe)?.getCallInstance?.(id)?.properties?.url;
  return typeof url === "string" ? url : undefined;
}
