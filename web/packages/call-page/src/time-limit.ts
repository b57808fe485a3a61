/** Says it in good time when somebody's stay in the call is limited. */
import type { Page } from "./page.ts";

/** How many minutes before the end it is said. */
const WARN_MINUTES = [10, 1];

/** How often the time is looked at. */
const LOOK_EVERY_MS = 5_000;

/** Starts looking at the time. Returns the way out. */
export function watchTimeLimit(page: Page): () => void {
  let lastLeft = Infinity;
  const timer = setInterval(() => {
    const left = timeLeft(page, Date.now());
    for (const minutes of WARN_MINUTES) {
      const limit = minutes * 60_000;
      if (left <= limit && lastLeft > limit && left > limit - 60_000) warn(page, minutes);
    }
    lastLeft = left;
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

function warn(page: Page, minutes: number): void {
  const { toast } = page.language.texts;
  page.ui.update({ toast: { text: isRoomsEnd(page) ? toast.roomCloses(minutes) : toast.closing(minutes) } });
}

/** Whether it is the room that ends, for everybody, and not one's own stay. */
function isRoomsEnd(page: Page): boolean {
  const exp = page.property("exp");
  const { ejectAt } = page.call.state.local;
  return page.isOn("eject_at_room_exp", false) && typeof exp === "number" && ejectAt !== null && Math.abs(ejectAt - exp * 1000) < 1_000;
}

/** Milliseconds until the room removes us; on the server's clock, as far as our arrival tells it. */
function timeLeft(page: Page, now: number): number {
  const { local, phase } = page.call.state;
  const { joinedAt } = page.ui.value;
  if (phase !== "joined" || local.ejectAt === null || local.joinedAt === null || joinedAt === null) return Infinity;
  return local.ejectAt - local.joinedAt - (now - joinedAt);
}
