/** Which slot carries whose track, and whether media comes in on it. */
import type { SlotAssignment } from "@parlor/protocol";

import type { Slot } from "./engine.ts";
import { muteTimer } from "./event.ts";
import type { Turn } from "./turn.ts";

/**
 * How long a track may be silent before it counts as interrupted. Browsers
 * mute and unmute remote tracks for single lost packets; less makes tiles
 * flicker, more hides a real stop.
 */
const INTERRUPTED_MS = 3_000;

/** Applies the room's word on slots. Slots unknown here are remembered: their offer may be under way. */
export function assignSlots(turn: Turn, changes: readonly SlotAssignment[]): void {
  if (changes.length === 0) return;
  const slots = new Map(turn.engine.slots);
  for (const { mid, track } of changes) {
    const known = slots.get(mid) ?? { mid, trackId: null, track: null, media: "waiting" };
    slots.set(mid, { ...known, track });
  }
  turn.set({ slots });
}

/** No packets for a moment. */
export function handleSlotMuted(turn: Turn, mid: string): void {
  if (turn.engine.slots.get(mid)?.media !== "live") return;
  setSlot(turn, mid, { media: "muted" });
  turn.startTimer(muteTimer(mid), INTERRUPTED_MS);
}

/** Packets come in. */
export function handleSlotUnmuted(turn: Turn, mid: string): void {
  if (!turn.engine.slots.has(mid)) return;
  turn.stopTimer(muteTimer(mid));
  setSlot(turn, mid, { media: "live" });
}

/** Muted for too long. */
export function handleMuteTimer(turn: Turn, mid: string): void {
  if (turn.engine.slots.get(mid)?.media === "muted") setSlot(turn, mid, { media: "interrupted" });
}

function setSlot(turn: Turn, mid: string, patch: Partial<Slot>): void {
  const slot = turn.engine.slots.get(mid);
  if (slot) turn.set({ slots: new Map(turn.engine.slots).set(mid, { ...slot, ...patch }) });
}
