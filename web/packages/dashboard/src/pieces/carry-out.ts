/** What a dialog in front asks for, carried out: busy meanwhile, and with the reason where it came to nothing. */
import { useState } from "preact/hooks";

import { failureText, type FailureWords } from "../page.ts";

/** Carrying out one thing at a time. */
export interface CarryingOut {
  readonly isBusy: boolean;
  /** Why the last one came to nothing, in words. */
  readonly refusal: string | null;
  readonly forget: () => void;
  readonly carryOut: <T>(words: FailureWords, work: () => Promise<T>, then: (done: T) => void) => Promise<void>;
}

/** See [`CarryingOut`]. */
export function useCarryOut(): CarryingOut {
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const carryOut = async <T,>(words: FailureWords, work: () => Promise<T>, then: (done: T) => void) => {
    setBusy(true);
    setRefusal(null);
    try {
      then(await work());
    } catch (error) {
      setRefusal(failureText(error, words));
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, refusal, forget: () => setRefusal(null), carryOut };
}
