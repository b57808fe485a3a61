import { copyText } from "@parlor/ui";
import { useEffect, useState } from "preact/hooks";

import { usePage } from "../page.ts";

/** How long "Copied" stands. */
const COPIED_MS = 2_000;

/** Copies a text and says so for a moment. */
export function useCopy(text: string): { isCopied: boolean; copy: () => void } {
  const page = usePage();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () => {
    void copyText(text).then((isDone) => {
      setCopied(isDone);
      if (isDone) page.say(page.language.texts.said.copied);
    });
  };
  return { isCopied, copy };
}
