/**
 * Which videos are on the screen, and how large: told to the room, so that it
 * sends what is seen and nothing else. What will be turned to next is kept
 * warm, small; everything else stands still.
 */
import type { TrackSource } from "@parlor/engine";

/** What a video is to the person who looks at it. */
export type ViewLook = "normal" | "speaker" | "pinned" | "screen";

/** What the room is told of one video; absent width: as wide as there is. */
export interface Wish {
  readonly width?: number;
  readonly max_layer?: number;
  readonly is_paused: boolean;
  readonly priority: ViewLook;
}

/** By participant and source. */
export type Wishes = Record<string, Partial<Record<TrackSource, Wish>>>;

interface View {
  readonly id: string;
  readonly source: "cam-video" | "screen-video";
  readonly element: Element;
  readonly look: ViewLook;
}

/** Widths are told in steps, so that a window that is dragged does not chatter. */
const WIDTH_STEP = 40;
/** Between a change on the screen and telling the room: a page turn is one change. */
const TELL_AFTER_MS = 150;

/** What nobody looks at stands still. */
const UNSEEN: Wish = { is_paused: true, priority: "normal" };
/** What will be looked at next comes small, so that it is there at once. */
const NEXT: Wish = { is_paused: false, max_layer: 0, priority: "normal" };

/** The videos on the screen of one page. */
export class Views {
  readonly #tell: (seen: readonly Seen[], next: readonly string[]) => void;
  readonly #views = new Set<View>();
  readonly #sizes: ResizeObserver | null;
  #next: readonly string[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `tell` gets what is seen and what comes next, a moment after each change. */
  constructor(tell: (seen: readonly Seen[], next: readonly string[]) => void) {
    this.#tell = tell;
    this.#sizes = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => this.#changed());
  }

  /** A video came on the screen. Returns the way off. */
  add(view: View): () => void {
    this.#views.add(view);
    this.#sizes?.observe(view.element);
    this.#changed();
    return () => {
      this.#views.delete(view);
      this.#sizes?.unobserve(view.element);
      this.#changed();
    };
  }

  /** Whose pictures one turns to next. */
  prepare(ids: readonly string[]): void {
    this.#next = ids;
    this.#changed();
  }

  /** Tells the room anew: something else about what is wanted has changed. */
  refresh(): void {
    this.#changed();
  }

  #changed(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const seen = [...this.#views].map(({ id, source, element, look }) => ({ id, source, look, width: Math.round(element.clientWidth * devicePixelRatio) }));
      this.#tell(seen, this.#next);
    }, TELL_AFTER_MS);
  }
}

/** A video as it is seen. */
export interface Seen {
  readonly id: string;
  readonly source: "cam-video" | "screen-video";
  readonly look: ViewLook;
  /** In the screen's own pixels. */
  readonly width: number;
}

/** What to wish, for what is seen and what comes next. Where a video is seen twice, the larger counts. */
export function wishesFor(seen: readonly Seen[], next: readonly string[], look: { readonly hasCameras: boolean }): Wishes {
  const wishes: Wishes = {};
  const add = (id: string, source: TrackSource, wish: Wish) => {
    const before = wishes[id]?.[source];
    if (before && (before.width ?? 0) >= (wish.width ?? 0)) return;
    wishes[id] = { ...wishes[id], [source]: wish };
  };
  for (const { id, source, look: priority, width } of seen) {
    if (source === "cam-video" && !look.hasCameras) continue;
    add(id, source, { is_paused: false, priority, width: Math.max(WIDTH_STEP, Math.ceil(width / WIDTH_STEP) * WIDTH_STEP) });
  }
  if (look.hasCameras) for (const id of next) if (!wishes[id]?.["cam-video"]) add(id, "cam-video", NEXT);
  return wishes;
}

/**
 * What to wish of those who are not named, newcomers above all: where everybody
 * is seen they will be, too, and come at once; else they stand still.
 */
export function wishForOthers(wishes: Wishes, here: readonly string[], look: { readonly hasCameras: boolean }): Wish {
  return look.hasCameras && here.every((id) => wishes[id] !== undefined) ? NEXT : UNSEEN;
}
