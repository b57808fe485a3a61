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

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard on insecure pages and in frames without leave for it; the old way works there.
    return copySelected(text);
  }
}

function copySelected(text: string): boolean {
  const area = document.createElement("textarea");
  const focused = document.activeElement;
  area.value = text;
  area.className = "vh";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isDone;
}
