/** As much of a browser's window as the bundle touches while it attaches. */
import { vi } from "vitest";

type Listener = (event: { readonly source: unknown; readonly data: unknown }) => void;

/** A window that delivers posted messages by itself, one microtask later. */
export class FakePage {
  readonly location = { protocol: "http:", origin: "http://app.test" };
  readonly document: { currentScript: unknown } = { currentScript: null };
  readonly posted: Record<string, unknown>[] = [];
  readonly #listeners = new Set<Listener>();

  constructor(globals: Record<string, unknown> = {}) {
    Object.assign(this, globals);
    vi.stubGlobal("window", this);
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("addEventListener", () => undefined);
    vi.stubGlobal("removeEventListener", () => undefined);
    vi.stubGlobal("MediaStream", EventTarget);
  }

  addEventListener(_type: "message", listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "message", listener: Listener): void {
    this.#listeners.delete(listener);
  }

  postMessage(data: Record<string, unknown>, targetOrigin: string): void {
    if (targetOrigin !== this.location.origin) throw new Error(`posted to ${targetOrigin}`);
    this.posted.push(structuredClone(data));
  }

  /** Somebody posts to the window. */
  deliver(data: unknown, source: unknown = this): void {
    for (const listener of this.#listeners) listener({ source, data });
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  actions(): unknown[] {
    return this.posted.map((message) => message["action"]);
  }
}
