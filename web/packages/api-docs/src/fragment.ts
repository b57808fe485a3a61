import { useEffect, useState } from "preact/hooks";

/** The operation that the address names, or `""`; it follows the history. */
export function useFragment(): string {
  const [fragment, setFragment] = useState(current);
  useEffect(() => {
    const follow = () => setFragment(current());
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return fragment;
}

function current(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    // Not an encoding of anything, so the name of nothing.
    return location.hash.slice(1);
  }
}
