import { CloseIcon, DownIcon, Icon, IconButton, Menu, MenuItem, ReactIcon, SendIcon } from "@parlor/ui";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { isShared } from "../chat-history.ts";
import { isAdvanced, openPanel, sendChat } from "../chat.ts";
import { grouped } from "../model/chat-log.ts";
import { EMOJI } from "../model/chat-reactions.ts";
import { usePage, useUi } from "../page.ts";
import { Group } from "./chat-group.tsx";
import { Nearby } from "./person-menu.tsx";

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
        {isAdvanced(page) ? <EmojiButton onChoose={(emoji) => setText((before) => before + emoji)} /> : null}
        <IconButton name={chat.send} icon={SendIcon} tip="none" onClick={send} />
      </div>
      {isTooLong ? <p class="hint bad" role="alert">{chat.tooLong}</p> : null}
    </form>
  );
}

/** Emoji for those whose keyboard has none. */
function EmojiButton(props: { onChoose: (emoji: string) => void }) {
  const page = usePage();
  const { chat } = page.language.texts;
  const isOpen = useUi((ui) => ui.menu === "emoji");
  const close = () => page.ui.update({ menu: null });
  return (
    <div class="emoji" data-menu-owner>
      <IconButton name={chat.emoji} icon={ReactIcon} tip="none" onClick={() => page.ui.update({ menu: isOpen ? null : "emoji" })} />
      {isOpen ? (
        <Nearby>
          <Menu name={chat.emoji} class="tray many" onClose={close}>
            {EMOJI.map((emoji) => <MenuItem key={emoji} onChoose={() => { props.onChoose(emoji); close(); }}>{emoji}</MenuItem>)}
          </Menu>
        </Nearby>
      ) : null}
    </div>
  );
}
