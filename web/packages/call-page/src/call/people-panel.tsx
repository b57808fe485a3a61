import { Avatar, HandIcon, Icon, IconButton, CheckIcon, CloseIcon, LinkIcon, MicIcon, MicOffIcon, PinIcon, ShareIcon, UnpinIcon } from "@parlor/ui";
import type { Participant } from "@parlor/engine";
import { useState } from "preact/hooks";

import { openPanel } from "../chat.ts";
import { lowerHand, toggleHand } from "../gestures.ts";
import { handQueue } from "../model/signal.ts";
import { isSent, useCall, usePage, useUi } from "../page.ts";
import { nameOf } from "../watch.ts";
import { useCopy } from "./copy.ts";
import { togglePin } from "./tile.tsx";

/** From this many people on there is a search field. */
const SEARCH_FROM = 12;

/** Who is here, and what they are doing. */
export function PeoplePanel() {
  const page = usePage();
  const { texts } = page.language;
  const [query, setQuery] = useState("");
  const local = useCall((state) => state.local);
  const people = useCall((state) => state.participants);
  const hidden = useCall((state) => state.hidden);
  const { isCopied, copy } = useCopy(page.address.url);
  const all = [...people.values()].sort(byRank);
  const wanted = query.trim().toLocaleLowerCase();
  const found = all.filter((person) => nameOf(page, person).toLocaleLowerCase().includes(wanted));
  return (
    <>
      <header>
        <h2>{texts.people.title}</h2>
        <IconButton name={texts.people.copyLink} icon={isCopied ? CheckIcon : LinkIcon} tip="left" onClick={copy} />
        <IconButton name={texts.people.close} icon={CloseIcon} tip="none" onClick={() => openPanel(page, null)} />
      </header>
      <div class="pl">
        {all.length >= SEARCH_FROM - 1 ? <input class="input find" type="search" aria-label={texts.people.search} placeholder={texts.people.search} value={query} onInput={(event) => setQuery(event.currentTarget.value)} /> : null}
        <RaisedHands />
        <div class="sec"><h3>{texts.people.inCall} <span>{people.size + 1}</span></h3></div>
        <ul>
          {wanted === "" ? <PersonRow person={local} isLocal /> : null}
          {found.map((person) => <PersonRow key={person.id} person={person} />)}
        </ul>
        {found.length === 0 && wanted !== "" ? <p class="none">{texts.people.none(query)}</p> : null}
        {hidden > 0 ? <p class="none">{texts.people.hidden(hidden)}</p> : null}
      </div>
    </>
  );
}

/** Who wants to speak, in order. Hosts lower any hand, everybody their own. */
function RaisedHands() {
  const page = usePage();
  const { people: texts, hand } = page.language.texts;
  const hands = useUi((ui) => ui.hands);
  const local = useCall((state) => state.local);
  const people = useCall((state) => state.participants);
  const queue = handQueue(hands).flatMap((id) => (id === local.id ? local : (people.get(id) ?? [])));
  if (queue.length === 0) return null;
  return (
    <>
      <div class="sec"><h3>{texts.hands} <span>{queue.length}</span></h3></div>
      <ol>
        {queue.map((person, index) => {
          const isLocal = person === local;
          const name = nameOf(page, person);
          return (
            <li class="pr" key={person.id}>
              <Avatar name={person.userName} userId={person.userId} size={34} />
              <p><span class="vh">{`${index + 1}. `}</span>{name}{isLocal ? <span class="you"> {page.language.texts.you}</span> : null}</p>
              <div class="act raised">
                {isLocal || local.isOwner ? <IconButton size="s" name={hand.lower(name)} tip="left" icon={CloseIcon} iconSize={16} onClick={() => (isLocal ? toggleHand(page) : lowerHand(page, person.id))} /> : null}
                <Icon of={HandIcon} size={17} /><span aria-hidden="true">{index + 1}</span>
              </div>
            </li>
          );
        })}
      </ol>
    </>
  );
}

function PersonRow(props: { person: Participant; isLocal?: boolean }) {
  const page = usePage();
  const { texts } = page.language;
  const { person } = props;
  const isPinned = useUi((ui) => ui.pinned === person.id);
  const isMuted = !isSent(person.tracks["cam-audio"].state);
  const isSharing = isSent(person.tracks["screen-video"].state);
  const name = nameOf(page, person);
  const detail = [person.isOwner ? texts.people.host : "", isSharing ? texts.people.sharing : ""].filter((part) => part !== "").join(" · ");
  return (
    <li class="pr">
      <Avatar name={person.userName} userId={person.userId} size={34} />
      <div>
        <p>{name}{props.isLocal ? <span class="you"> {texts.you}</span> : null}</p>
        {detail === "" ? null : <p class="d">{detail}</p>}
      </div>
      <div class="act">
        {props.isLocal ? null : <IconButton class={isPinned ? "pin on" : "pin"} size="s" name={isPinned ? texts.stage.unpin(name) : texts.stage.pin(name)} tip="none" icon={isPinned ? UnpinIcon : PinIcon} iconSize={16} onClick={() => togglePin(page.ui, person.id)} />}
        {isSharing ? <Icon of={ShareIcon} size={17} /> : null}
        <span class={isMuted ? "st" : "st open"} role="img" aria-label={isMuted ? texts.dock.muted : texts.dock.unmuted}><Icon of={isMuted ? MicOffIcon : MicIcon} size={17} /></span>
      </div>
    </li>
  );
}

function byRank(a: Participant, b: Participant): number {
  return Number(b.isOwner) - Number(a.isOwner) || (a.joinedAt ?? 0) - (b.joinedAt ?? 0);
}
