/** Loads who is signed in, their organizations, and who is in the chosen one. */
import { useEffect, useMemo, useState } from "preact/hooks";

import type { Face } from "./face/face.ts";
import { Loader, type Workspace } from "./loader.ts";

/** How to load the workspace anew, with and without saying so, and how to choose another organization. */
interface Loading {
  readonly workspace: Workspace;
  readonly again: () => void;
  /** What is on show stays until the answer is there, and when there is none. */
  readonly refresh: () => Promise<void>;
  readonly choose: (organization: string) => void;
}

/** The workspace; `linked` is the organization that the address names, if it does. */
export function useWorkspace(face: Face, linked: string | null): Loading {
  const [workspace, setWorkspace] = useState<Workspace>({ state: "loading" });
  const { begin, ...loading } = useMemo(() => {
    const loader = new Loader(face, setWorkspace);
    return {
      begin: (first: string | null) => loader.begin(first),
      again: () => loader.again(),
      refresh: () => loader.refresh(),
      choose: (organization: string) => loader.choose(organization),
    };
  }, [face]);
  // The address says where one begins; whoever chooses another organization afterwards means it.
  useEffect(() => begin(linked), [begin]);
  return { workspace, ...loading };
}
