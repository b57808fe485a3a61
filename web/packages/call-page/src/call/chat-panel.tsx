import { Avatar, Icon, IconButton, CloseIcon, DownIcon, JoinedIcon, SendIcon } from "@parlor/ui";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { isShared } from "../chat-history.ts";
import { openPanel, sendChat } from "../chat.ts";
import { grouped, linked, type ChatGroup } from "../model/chat-log.ts";
import { timeOfDay } from "../model/times.ts";
import { usePage, useUi } from "../page.ts";

/** Within this many pixels of the end the list follows new messages. */
const NEAR_END = 80;

/** Messages to everybody in the call. */
export function ChatPanel() {
  const page = usePage();
  const { texts } = page.language;
  return (
    <>
      <header>
        <h2>{texts.chat.title}</h2>
        <IconButton name={texts.chat.close} icon={CloseIcon} tip="none" onClick={() => openPanel(page, null)} />
      </header>
      <Messages />
      <Compose />
    </>
  );
}

function Messages() {
  const page = usePage();
  const { texts } = page.language;
  const entries = useUi((ui) => ui.chat);
  const firstUnread = useUi((ui) => ui.firstUnread);
  const list = useRef<HTMLDivElement>(null);
  const seen = useRef(entries.length);
  const [below, setBelow] = useState(0);
  const toEnd = () => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
    seen.current = entries.length;
    setBelow(0);
  };
  const isNearEnd = () => {
    const box = list.current;
    return !box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
  };
  const wasNear = useRef(true);
  useLayoutEffect(() => {
    if (wasNear.current) toEnd();
    else setBelow(entries.slice(seen.current).filter((entry) => entry.kind === "message").length);
  }, [entries]);
  const follow = () => {
    wasNear.current = isNearEnd();
    if (!wasNear.current) return;
    seen.current = entries.length;
    if (below > 0) setBelow(0);
  };
  return (
    <div class="msgbox">
      <div class="msgs" role="log" aria-label={texts.chat.log} tabIndex={0} ref={list} onScroll={follow}>
        <p class="day">{isShared(page) ? texts.chat.shared : texts.chat.stays}</p>
        {grouped(entries).map((group) => (
          <div key={group.key} class="grp">
            {group.key === firstUnread ? <p class="newline">{texts.chat.fresh}</p> : null}
            <Group group={group} />
          </div>
        ))}
      </div>
      {below > 0 ? <button type="button" class="pill" onClick={toEnd}><Icon of={DownIcon} size={15} /> {texts.chat.newBelow(below)}</button> : null}
    </div>
  );
}

function Group(props: { group: ChatGroup }) {
  const { locale } = usePage().language;
  const { group } = props;
  if (group.kind === "note") return <p class="note2"><Icon of={JoinedIcon} size={15} /> {group.text}</p>;
  return (
    <div class="msg">
      <Avatar name={group.name} userId={group.userId} size={28} />
      <p class="who">{group.name} <time dateTime={new Date(group.at).toISOString()}>{timeOfDay(group.at, locale)}</time></p>
      <div>
        {group.texts.map((text, index) => (
          <p key={index}>
            {linked(text).map((piece, at) => (piece.href === undefined ? piece.text : <a key={at} href={piece.href} target="_blank" rel="noopener noreferrer">{piece.text.replace(/^https?:\/\//u, "")}</a>))}
          </p>
        ))}
      </div>
    </div>
  );
}

function Compose() {
  const page = usePage();
  const { chat } = page.language.texts;
  const field = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [isTooLong, setTooLong] = useState(false);
  useEffect(() => box.current?.focus(), []);
  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 120)}px`;
  }, [text]);
  const send = () => {
    const trimmed = text.trim();
    if (trimmed === "") return;
    const isSent = sendChat(page, trimmed);
    setTooLong(!isSent);
    if (isSent) setText("");
  };
  return (
    <form class="compose" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <div class="box">
        <label class="vh" for={field}>{chat.compose}</label>
        <textarea
          ref={box}
          autofocus={page.embedded === null}
          id={field}
          rows={1}
          value={text}
          placeholder={chat.placeholder}
          aria-invalid={isTooLong}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") openPanel(page, null);
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <IconButton name={chat.send} icon={SendIcon} tip="none" onClick={send} />
      </div>
      {isTooLong ? <p class="hint bad" role="alert">{chat.tooLong}</p> : null}
    </form>
  );
}
