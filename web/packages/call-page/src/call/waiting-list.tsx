import { Avatar, Button, CloseIcon, IconButton } from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { deny, knocking, knockName, letAllIn, letIn, type Knock } from "../knocks.ts";
import { clockText } from "../model/times.ts";
import { useCall, usePage, useUi } from "../page.ts";
import { serverNow } from "../server-time.ts";
import { useNow } from "./measure.ts";

/** Who waits at the door, in the list of people; for those who may open. */
export function WaitingList() {
  const page = usePage();
  const { knock: texts } = page.language.texts;
  const isAdmin = useCall((state) => abilitiesOf(page, state).admin);
  const waiting = useCall((state) => state.waiting);
  const denied = useUi((ui) => ui.denied);
  const knocks = knocking(waiting, denied);
  if (!isAdmin || knocks.length === 0) return null;
  return (
    <>
      <div class="sec">
        <h3>{texts.region} <span>{knocks.length}</span></h3>
        {knocks.length > 1 ? <Button size="s" onClick={() => letAllIn(page)}>{texts.letAllIn}</Button> : null}
      </div>
      <ul>{knocks.map((knock) => <WaitingRow key={knock.id} knock={knock} />)}</ul>
    </>
  );
}

function WaitingRow(props: { knock: Knock }) {
  const page = usePage();
  const { knock: texts } = page.language.texts;
  const { knock } = props;
  useNow(true);
  const name = knockName(page, knock);
  return (
    <li class="pr">
      <Avatar name={knock.name} userId={knock.id} size={34} />
      <div>
        <p>{name}</p>
        <p class="d num">{texts.for(clockText(serverNow(page) - knock.since))}</p>
      </div>
      <div class="act">
        <IconButton size="s" name={texts.denyOne(name)} tip="left" icon={CloseIcon} iconSize={16} onClick={() => deny(page, knock)} />
        <Button size="s" look="filled" name={`${texts.letIn}: ${name}`} onClick={() => letIn(page, knock.id)}>{texts.letIn}</Button>
      </div>
    </li>
  );
}
