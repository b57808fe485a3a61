import { Dialog } from "@parlor/ui";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { openPanel } from "../chat.ts";
import { Sound, useSoundRelease } from "../media.tsx";
import { usePage, useUi } from "../page.ts";
import { Bar } from "./bar.tsx";
import { ChatPanel } from "./chat-panel.tsx";
import { useShortcuts } from "./keys.ts";
import { PHONE, useMedia } from "./measure.ts";
import { PeoplePanel } from "./people-panel.tsx";
import { PhoneKeys, PhoneTop } from "./phone.tsx";
import { Stage } from "./stage.tsx";
import { Strips } from "./strips.tsx";
import { Toasts } from "./toasts.tsx";

/** The call. */
export function CallScreen() {
  const page = usePage();
  const { texts } = page.language;
  const isPhone = useMedia(PHONE);
  useShortcuts();
  useSoundRelease();
  useTitle();
  return (
    <div class={isPhone ? "call phone" : "call"}>
      <a class="skip" href="#stage">{texts.stage.skip}</a>
      {isPhone ? <PhoneTop /> : null}
      <Strips />
      <div class="mid">
        <Stage />
        <SidePanel isSheet={isPhone} />
      </div>
      {isPhone ? <PhoneKeys /> : <Bar />}
      <Toasts />
      <Sound />
    </div>
  );
}

/** Who was let in while looking at something else sees it by the title of the tab. */
function useTitle(): void {
  const page = usePage();
  const { titles } = page.language.texts;
  useEffect(() => {
    const show = () => {
      if (!document.hidden) document.title = titles.call(page.roomName);
    };
    document.title = document.hidden ? titles.letIn(page.roomName) : titles.call(page.roomName);
    document.addEventListener("visibilitychange", show);
    return () => document.removeEventListener("visibilitychange", show);
  }, [titles]);
}

function SidePanel(props: { isSheet: boolean }) {
  const page = usePage();
  const { texts } = page.language;
  const panel = useUi((ui) => ui.panel);
  if (panel === null) return null;
  const title = panel === "people" ? texts.people.title : texts.chat.title;
  const content = panel === "people" ? <PeoplePanel /> : <ChatPanel />;
  if (props.isSheet) {
    return <Dialog key={panel} title={title} closeName={texts.close} look="full" onClose={() => openPanel(page, null)}><div class="panel whole">{content}</div></Dialog>;
  }
  return <Aside key={panel} title={title}>{content}</Aside>;
}

/** A panel beside the stage. When it goes with the focus inside, the focus goes back to where it came from. */
function Aside(props: { title: string; children: ComponentChildren }) {
  // Looked at while drawing: what is inside takes the focus as soon as it is there.
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const isLost = document.activeElement === null || document.activeElement === document.body;
      if (isLost && opener instanceof HTMLElement) opener.focus();
    },
    [],
  );
  return <aside class="panel" aria-label={props.title} tabIndex={-1}>{props.children}</aside>;
}
