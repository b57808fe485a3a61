import { useEffect, useRef, useState } from "preact/hooks";

/** A value that may change, and those who want to know. */
export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  /** The newest value. */
  get value(): T {
    return this.#value;
  }

  /** Changes some fields. */
  update(change: Partial<T>): void {
    this.#value = { ...this.#value, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after each change. Returns the way out. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Anything a component can follow. */
export interface Source<T> {
  readonly read: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}

/** Draws the component anew when what `select` picks out of the source changes. */
export function useSource<T, S>(source: Source<T>, select: (value: T) => S): S {
  const [, countRedraws] = useState(0);
  const selected = select(source.read());
  const latest = useRef({ select, selected });
  latest.current = { select, selected };
  useEffect(() => {
    const check = () => {
      const { select: pick, selected: before } = latest.current;
      if (!Object.is(pick(source.read()), before)) countRedraws((count) => count + 1);
    };
    check();
    return source.subscribe(check);
  }, [source]);
  return selected;
}
