import { Avatar, Button, CheckIcon, CloseIcon, HandIcon, Icon, IconButton, LinkIcon, MicIcon, MicOffIcon, MoreIcon, ShareIcon } from "@parlor/ui";
import type { Participant } from "@parlor/engine";
import { useRef, useState } from "preact/hooks";

import { abilitiesOf, isHost, isListener } from "../abilities.ts";
import { openPanel } from "../chat.ts";
import { lowerHand, placeInQueue, toggleHand } from "../gestures.ts";
import { muteAll } from "../host.ts";
import { peopleOrder } from "../model/people-order.ts";
import { isOffered } from "../model/sharers.ts";
import { handQueue } from "../model/signal.ts";
import { isSent, useCall, usePage, useUi } from "../page.ts";
import { nameOf } from "../watch.ts";
import { useCopy } from "./copy.ts";
import { PersonMenu } from "./person-menu.tsx";
import { VirtualList } from "./virtual-list.tsx";
import { WaitingList } from "./waiting-list.tsx";

/** From this many people on there is a search field. */
const SEARCH_FROM = 12;

/** Who is here, and what they are doing. */
export function PeoplePanel() {
  const page = usePage();
  const { texts } = page.language;
  const [query, setQuery] = useState("");
  const scroller = useRef<HTMLDivElement>(null);
  const local = useCall((state) => state.local);
  const people = useCall((state) => state.participants);
  const hidden = useCall((state) => state.hidden);
  const hands = useUi((ui) => ui.hands);
  const spokeAt = useUi((ui) => (people.size > SEARCH_FROM ? null : ui.spokeAt));
  const isAdmin = useCall((state) => abilitiesOf(page, state).admin);
  const { isCopied, copy } = useCopy(page.address.url);
  const wanted = query.trim().toLocaleLowerCase();
  const all = peopleOrder(local, [...people.values()], { isHost, hands, spokeAt: spokeAt ?? new Map() });
  const found = all.filter((person) => wanted === "" || nameOf(page, person).toLocaleLowerCase().includes(wanted));
  const isBroadcast = page.isOn("owner_only_broadcast", false);
  const mute = isAdmin && people.size > 0 ? <Button size="s" look="ghost" icon={MicOffIcon} onClick={() => muteAll(page)}>{texts.people.muteAll}</Button> : null;
  return (
    <>
      <header>
        <h2>{texts.people.title}</h2>
        <IconButton name={texts.people.copyLink} icon={isCopied ? CheckIcon : LinkIcon} tip="left" onClick={copy} />
        <IconButton name={texts.people.close} icon={CloseIcon} tip="none" onClick={() => openPanel(page, null)} />
      </header>
      <div class="pl" ref={scroller}>
        {all.length >= SEARCH_FROM ? <input class="input find" type="search" aria-label={texts.people.search} placeholder={texts.people.search} value={query} onInput={(event) => setQuery(event.currentTarget.value)} /> : null}
        <WaitingList />
        <RaisedHands />
        {isBroadcast ? (
          <>
            <Section title={texts.people.speakers} people={found.filter((person) => !isListener(person))} scroller={scroller}>{mute}</Section>
            <Section title={texts.people.audience} people={found.filter(isListener)} scroller={scroller} />
          </>
        ) : (
          <Section title={texts.people.inCall} people={found} count={people.size + 1} scroller={scroller}>{mute}</Section>
        )}
        {found.length === 0 && wanted !== "" ? <p class="none">{texts.people.none(query)}</p> : null}
        {hidden > 0 ? <p class="none">{texts.people.hidden(hidden)}</p> : null}
      </div>
    </>
  );
}

function Section(props: { title: string; people: readonly Participant[]; count?: number; scroller: preact.RefObject<HTMLDivElement | null>; children?: preact.ComponentChildren }) {
  const own = useCall((state) => state.local.id);
  return (
    <>
      <div class="sec"><h3>{props.title} <span>{props.count ?? props.people.length}</span></h3>{props.children}</div>
      <VirtualList items={props.people} scroller={props.scroller} draw={(person) => <PersonRow key={person.id} person={person} isLocal={person.id === own} />} />
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
  const isAdmin = useCall((state) => abilitiesOf(page, state).admin);
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
                {isLocal || isAdmin ? <IconButton size="s" name={hand.lower(name)} tip="left" icon={CloseIcon} iconSize={16} onClick={() => (isLocal ? toggleHand(page) : lowerHand(page, person.id))} /> : null}
                <Icon of={HandIcon} size={17} /><span aria-hidden="true">{index + 1}</span>
              </div>
            </li>
          );
        })}
      </ol>
    </>
  );
}

function PersonRow(props: { person: Participant; isLocal: boolean }) {
  const page = usePage();
  const { texts } = page.language;
  const { person } = props;
  const menu = `row:${person.id}` as const;
  const isOpen = useUi((ui) => ui.menu === menu);
  const place = useUi((ui) => placeInQueue(ui.hands, person.id));
  const isMuted = !isSent(person.tracks["cam-audio"].state);
  const isSharing = isOffered(person.tracks["screen-video"]);
  const name = nameOf(page, person);
  const troubles = { weak: texts.stage.weak, poor: texts.stage.poor, good: "", unknown: "" };
  const detail = [isHost(person) ? texts.people.host : "", isSharing ? texts.people.sharing : "", troubles[person.network]].filter((part) => part !== "").join(" · ");
  return (
    <li class="pr">
      <Avatar name={person.userName} userId={person.userId} size={34} />
      <div>
        <p>{name}{props.isLocal ? <span class="you"> {texts.you}</span> : null}</p>
        {detail === "" ? null : <p class="d">{detail}</p>}
      </div>
      <div class="act" data-menu-owner>
        <IconButton class={isOpen ? "acts on" : "acts"} size="s" name={texts.people.actions(name)} tip="none" icon={MoreIcon} iconSize={16} onClick={() => page.ui.update({ menu: isOpen ? null : menu })} />
        {place === null ? null : <span class="handtag"><Icon of={HandIcon} size={15} /><span aria-hidden="true">{place}</span><span class="vh">{texts.hand.place(place)}</span></span>}
        {isSharing ? <Icon of={ShareIcon} size={17} /> : null}
        <span class={isMuted ? "st" : "st open"} role="img" aria-label={isMuted ? texts.dock.muted : texts.dock.unmuted}><Icon of={isMuted ? MicOffIcon : MicIcon} size={17} /></span>
        {isOpen ? <PersonMenu person={person} menu={menu} /> : null}
      </div>
    </li>
  );
}
