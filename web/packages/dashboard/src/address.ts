/** The address of the page: what is on show is read from it, and links change it without loading anew. */
import { useCallback, useEffect, useState } from "preact/hooks";

/** Where in the dashboard one is. */
export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Goes to an address of the dashboard; `replace` leaves no way back to where one was. */
export type Go = (to: string, how?: "push" | "replace") => void;

/** The address, and the way to another. */
export function useAddress(start: string): { readonly address: Address; readonly go: Go } {
  const [address, setAddress] = useState(() => parsed(start));
  useEffect(() => {
    const take = () => setAddress(parsed(location.pathname + location.search));
    addEventListener("popstate", take);
    return () => removeEventListener("popstate", take);
  }, []);
  const go = useCallback<Go>((to, how = "push") => {
    history[how === "push" ? "pushState" : "replaceState"](null, "", to);
    setAddress(parsed(to));
  }, []);
  return { address, go };
}

function parsed(text: string): Address {
  const [path = "", query = ""] = text.split("?", 2);
  return { path, query: new URLSearchParams(query) };
}

/** Lets a link lead on within the page. Clicks that mean another window stay the browser's. */
export function follow(event: MouseEvent, go: Go, to: string): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(to);
}
