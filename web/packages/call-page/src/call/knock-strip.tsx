import { Avatar, Button } from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { openPanel } from "../chat.ts";
import { deny, knocking, knockName, letIn } from "../knocks.ts";
import { useCall, usePage, useUi } from "../page.ts";

/** Somebody at the door: a strip that takes room of its own, and not the focus. With the list of people open that is enough. */
export function KnockStrip() {
  const page = usePage();
  const { knock: texts } = page.language.texts;
  const isAdmin = useCall((state) => abilitiesOf(page, state).admin);
  const waiting = useCall((state) => state.waiting);
  const denied = useUi((ui) => ui.denied);
  const panel = useUi((ui) => ui.panel);
  const knocks = knocking(waiting, denied);
  const newest = knocks.at(-1);
  if (!isAdmin || !newest || panel === "people") return null;
  const others = knocks.length - 1;
  return (
    <div class="kn" role="alertdialog" aria-modal="false" aria-labelledby="knock-who" aria-describedby="knock-more">
      <Avatar name={newest.name} userId={newest.id} size={36} />
      <div class="t">
        <h2 id="knock-who">{texts.wants(knockName(page, newest))}</h2>
        <p id="knock-more">{others > 0 ? `${texts.unknown} · ${texts.more(others)}` : texts.unknown}</p>
      </div>
      <div class="btns">
        {others > 0 ? <Button look="ghost" onClick={() => openPanel(page, "people")}>{texts.viewAll}</Button> : null}
        <Button onClick={() => deny(page, newest)}>{texts.deny}</Button>
        <Button look="filled" onClick={() => letIn(page, newest.id)}>{texts.letIn}</Button>
      </div>
    </div>
  );
}
