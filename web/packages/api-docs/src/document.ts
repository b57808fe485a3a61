import { useCallback, useEffect, useState } from "preact/hooks";

import type { Document } from "./model/openapi.ts";

/** The description on its way. */
export type Loaded = { readonly state: "loading" } | { readonly state: "failed"; readonly again: () => void } | { readonly state: "here"; readonly document: Document };

/** The server's own description. */
export const ADDRESS = "/v1/openapi.json";

/** Loads the description; it never changes while the server runs. */
export function useDocument(): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({ state: "loading" });
  const load = useCallback(() => {
    setLoaded({ state: "loading" });
    fetchDocument().then(
      (document) => setLoaded({ state: "here", document }),
      () => setLoaded({ state: "failed", again: load }),
    );
  }, []);
  useEffect(load, [load]);
  return loaded;
}

async function fetchDocument(): Promise<Document> {
  const answer = await fetch(ADDRESS);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return (await answer.json()) as Document;
}
