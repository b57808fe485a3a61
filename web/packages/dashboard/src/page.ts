/** What every part of the dashboard works on. */
import type { KeyPermission } from "@parlor/protocol";
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

import type { Address, Go } from "./address.ts";
import { FaceError, type Face } from "./face/face.ts";
import type { Member, Organization, User } from "./face/types.ts";
import { texts } from "./texts.ts";

/** The person, the organization that is chosen, and the way to the server. */
export interface Page {
  readonly face: Face;
  readonly me: User;
  readonly organizations: readonly Organization[];
  readonly organization: Organization;
  readonly members: readonly Member[];
  /** What the person may do in the organization. */
  readonly held: readonly KeyPermission[];
  /** The links of invitations that were made since the page was opened, by invitation: the server shows each once. */
  readonly links: Map<string, string>;
  readonly address: Address;
  readonly go: Go;
  /** Looks again at who belongs to the organization; what is on show stays until then. */
  readonly refresh: () => Promise<void>;
  /** Where the server is, as programs are told. */
  readonly origin: string;
  readonly choose: (organization: string) => void;
  /** The session is over: to the sign-in page and back. */
  readonly signIn: () => void;
  /** Ends the session. */
  readonly signOut: () => void;
}

const context = createContext<Page | null>(null);

/** Gives the page to everything below. */
export const PageProvider = context.Provider;

/** The page; only below its provider. */
export function usePage(): Page {
  const page = useContext(context);
  if (!page) throw new Error("usePage stands outside of the page");
  return page;
}

/** How often "2 min ago" is looked at anew, in milliseconds. */
const TICK_MS = 20_000;

/** The time, as often as words about it change. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** What a conflict, or a thing that is gone, means on a page; where it says nothing, the server's words do. */
export interface FailureWords {
  readonly taken?: string;
  readonly gone?: string;
}

/** What went wrong, for people: the server's words where it gave any that say more than ours. */
export function failureText(error: unknown, words: FailureWords = {}): string {
  if (!(error instanceof FaceError)) return texts.failures.other;
  switch (error.failure) {
    case "refused":
      return texts.failures.refused(error.permission);
    case "taken":
      return words.taken ?? (error.message || texts.failures.other);
    case "missing":
      return words.gone ?? texts.failures.missing;
    case "other":
      return error.message || texts.failures.other;
    default:
      return texts.failures[error.failure];
  }
}
