/**
 * Who stands where in the grid. The order is stable: people keep their place,
 * newcomers go to the end. Only when there are several pages does anybody
 * move, and then one at a time: who speaks on a later page swaps with the
 * first-page person silent longest.
 */
export interface Ranked {
  readonly id: string;
  readonly isOwner: boolean;
  readonly hasVideo: boolean;
  readonly joinedAt: number;
}

/** What the arrangement remembers. */
export interface Arrangement {
  /** Session ids of the others, first page first. */
  readonly order: readonly string[];
  /** When two people last swapped pages, in milliseconds. */
  readonly swappedAt: number;
}

/** What the arrangement looks at. */
export interface Scene {
  readonly people: readonly Ranked[];
  /** How many of the others the first page holds. */
  readonly firstPage: number;
  /** When each last spoke, in milliseconds. */
  readonly spokeAt: ReadonlyMap<string, number>;
  readonly now: number;
}

/** At most one swap in this time; shorter makes the page restless. */
const SWAP_EVERY_MS = 3_000;

/** Somebody who spoke within this time counts as speaking. */
const RECENT_MS = 2_000;

/** An arrangement of nobody. */
export const NOBODY: Arrangement = { order: [], swappedAt: 0 };

/** The arrangement after people came, left or spoke. */
export function arrange(before: Arrangement, scene: Scene): Arrangement {
  const present = new Set(scene.people.map((person) => person.id));
  const known = new Set(before.order);
  const kept = before.order.filter((id) => present.has(id));
  const fresh = scene.people.filter((person) => !known.has(person.id)).sort(compareRank);
  const order = [...kept, ...fresh.map((person) => person.id)];
  const swapped = swapSpeaker(order, before.swappedAt, scene);
  if (swapped) return { order: swapped, swappedAt: scene.now };
  return isSame(order, before.order) ? before : { order, swappedAt: before.swappedAt };
}

/** One page of the grid: ids of the others, and whether oneself is on it, last. */
export interface GridPage {
  readonly others: readonly string[];
  readonly isSelfHere: boolean;
}

/** Cuts the order into pages of `capacity` tiles; one's own tile is last on the first, unless it is hidden. */
export function pagesOf(order: readonly string[], capacity: number, look: { readonly hasSelf: boolean } = { hasSelf: true }): GridPage[] {
  const first = Math.max(1, look.hasSelf ? capacity - 1 : capacity);
  const pages: GridPage[] = [{ others: order.slice(0, first), isSelfHere: look.hasSelf }];
  for (let from = first; from < order.length; from += capacity) {
    pages.push({ others: order.slice(from, from + capacity), isSelfHere: false });
  }
  return pages;
}

/** Hosts with video, then others with video, then no video; in each by time of joining. */
export function compareRank(a: Ranked, b: Ranked): number {
  return rank(a) - rank(b) || a.joinedAt - b.joinedAt;
}

function rank(person: Ranked): number {
  if (!person.hasVideo) return 2;
  return person.isOwner ? 0 : 1;
}

function swapSpeaker(order: readonly string[], swappedAt: number, scene: Scene): string[] | null {
  if (order.length <= scene.firstPage || scene.now - swappedAt < SWAP_EVERY_MS) return null;
  const spoke = (id: string) => scene.spokeAt.get(id) ?? 0;
  const onFirst = order.slice(0, scene.firstPage);
  const waiting = order.slice(scene.firstPage).filter((id) => scene.now - spoke(id) < RECENT_MS);
  const speaker = waiting.sort((a, b) => spoke(b) - spoke(a)).at(0);
  const quietest = [...onFirst].sort((a, b) => spoke(a) - spoke(b)).at(0);
  if (speaker === undefined || quietest === undefined) return null;
  return order.map((id) => (id === speaker ? quietest : id === quietest ? speaker : id));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
