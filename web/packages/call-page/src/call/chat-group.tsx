import { Avatar, Icon, IconButton, JoinedIcon, Menu, MenuItem, ReactIcon } from "@parlor/ui";

import { isAdvanced, toggleReaction } from "../chat.ts";
import { linked, type ChatGroup, type ChatMessage } from "../model/chat-log.ts";
import { EMOJI } from "../model/chat-reactions.ts";
import { timeOfDay } from "../model/times.ts";
import { useCall, usePage, useUi } from "../page.ts";
import { Nearby } from "./person-menu.tsx";

/** How many emoji a message is offered. */
const OFFERED = 6;

/** A run of messages of one person, or a note. */
export function Group(props: { group: ChatGroup }) {
  const { locale } = usePage().language;
  const { group } = props;
  if (group.kind === "note") return <p class="note2"><Icon of={JoinedIcon} size={15} /> {group.text}</p>;
  return (
    <div class="msg">
      <Avatar name={group.name} userId={group.userId} size={28} />
      <p class="who">{group.name} <time dateTime={new Date(group.at).toISOString()}>{timeOfDay(group.at, locale)}</time></p>
      <div>{group.messages.map((message) => <Message key={message.key} message={message} />)}</div>
    </div>
  );
}

function Message(props: { message: ChatMessage }) {
  const page = usePage();
  const { message } = props;
  return (
    <div class="line">
      <p>{linked(message.text).map((piece, at) => (piece.href === undefined ? piece.text : <a key={at} href={piece.href} target="_blank" rel="noopener noreferrer">{piece.text.replace(/^https?:\/\//u, "")}</a>))}</p>
      {message.id !== undefined && isAdvanced(page) ? <Reactions message={message} id={message.id} /> : null}
    </div>
  );
}

/** The emoji under a message, and the way to add one. */
function Reactions(props: { message: ChatMessage; id: string }) {
  const page = usePage();
  const { chat } = page.language.texts;
  const own = useCall((state) => state.local.id);
  const under = useUi((ui) => ui.chatReactions.get(props.id));
  const menu = `chat:${props.message.key}` as const;
  const isOpen = useUi((ui) => ui.menu === menu);
  const react = (emoji: string) => {
    page.ui.update({ menu: null });
    toggleReaction(page, props.id, emoji);
  };
  return (
    <div class={under || isOpen ? "rxs has" : "rxs"} data-menu-owner>
      {[...(under ?? [])].map(([emoji, people]) => (
        <button key={emoji} type="button" class="rx" aria-pressed={people.includes(own)} onClick={() => react(emoji)}>
          {emoji} {people.length}<span class="vh">, {chat.reactedBy(namesOf(page, people))}</span>
        </button>
      ))}
      <IconButton class="addrx" size="s" name={chat.reactTo(props.message.name)} icon={ReactIcon} iconSize={15} tip="none" onClick={() => page.ui.update({ menu: isOpen ? null : menu })} />
      {isOpen ? (
        <Nearby>
          <Menu name={chat.emoji} class="tray" onClose={() => page.ui.update({ menu: null })}>
            {EMOJI.slice(0, OFFERED).map((emoji) => <MenuItem key={emoji} onChoose={() => react(emoji)}>{emoji}</MenuItem>)}
          </Menu>
        </Nearby>
      ) : null}
    </div>
  );
}

function namesOf(page: ReturnType<typeof usePage>, people: readonly string[]): string {
  const { local, participants } = page.call.state;
  const names = people.map((id) => (id === local.id ? local.userName : participants.get(id)?.userName) || page.language.texts.guest);
  return new Intl.ListFormat(page.language.locale, { type: "conjunction" }).format(names);
}
