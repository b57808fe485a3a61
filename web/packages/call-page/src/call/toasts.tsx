import { Button, CloseIcon, IconButton } from "@parlor/ui";
import { useEffect, useState } from "preact/hooks";

import { usePage, useUi } from "../page.ts";

/** How long a toast stands that needs no answer. */
const STAND_MS = 6_000;

/** One short message at a time, above the bar. It waits while somebody is at it. */
export function Toasts() {
  const page = usePage();
  const { toast: texts } = page.language.texts;
  const toast = useUi((ui) => ui.toast);
  // Menus of the bar rise where toasts stand.
  const isMenuOpen = useUi((ui) => ui.menu !== null);
  const [isHeld, hold] = useState(false);
  const close = () => page.ui.update({ toast: null });
  useEffect(() => {
    if (!toast || toast.isError || isHeld) return;
    const timer = setTimeout(close, toast.standMs ?? STAND_MS);
    return () => clearTimeout(timer);
  }, [toast, isHeld]);
  return (
    <div class={isMenuOpen ? "toasts high" : "toasts"} role="status">
      {toast ? (
        <div class="toast" onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)} onFocusIn={() => hold(true)} onFocusOut={() => hold(false)}>
          <p>{toast.text}</p>
          {toast.other ? <Button size="s" look="ghost" onClick={toast.other.run}>{toast.other.label}</Button> : null}
          {toast.action ? <Button size="s" onClick={toast.action.run}>{toast.action.label}</Button> : null}
          <IconButton size="s" name={texts.dismiss} icon={CloseIcon} iconSize={16} tip="none" onClick={close} />
        </div>
      ) : null}
    </div>
  );
}
