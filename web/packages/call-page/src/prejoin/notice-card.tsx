import { Button, CameraIcon, CameraOffIcon, Icon, InsecureIcon, MicOffIcon, SiteSettingsIcon, type IconShape } from "@parlor/ui";

import { usePage } from "../page.ts";
import { askAgain } from "../session.ts";
import type { Texts } from "../texts.ts";
import { browserFamily, systemFamily, type Notice } from "./device-notice.ts";

/** A card in place of the preview: what is the matter, and the way out. */
export function NoticeCard(props: { notice: Notice }) {
  const page = usePage();
  const { texts } = page.language;
  const { notice } = props;
  const { title, text, icon } = wording(notice, texts);
  const isAsking = notice.kind === "asking";
  return (
    <div class="dn" role={isAsking ? undefined : "status"}>
      <div>
        <span class={isAsking ? "bigi calm" : "bigi"}><Icon of={icon} size={22} /></span>
        <h2>{title}</h2>
        <p>{text}</p>
        {notice.kind === "denied" ? <Steps /> : null}
        <div class="btns">
          {isAsking || notice.kind === "insecure" ? null : (
            <Button look="filled" onClick={() => askAgain(page)}>
              {notice.kind === "denied" || notice.kind === "system" ? texts.notice.askAgain : texts.notice.tryAgain}
            </Button>
          )}
          {isAsking ? null : <Button onClick={() => page.ui.update({ isNoticeDone: true })}>{texts.notice.without}</Button>}
        </div>
      </div>
    </div>
  );
}

function Steps() {
  const { steps } = usePage().language.texts.notice.denied;
  return (
    <ol>
      {steps[browserFamily(navigator.userAgent)].map(([before, after]) => (
        <li key={before}>
          <span>
            {before}
            {after ? <> <Icon of={SiteSettingsIcon} size={17} /> {after}</> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

function wording(notice: Notice, texts: Texts): { title: string; text: string; icon: IconShape } {
  const { denied, missingBoth, missingCamera, missingMic, ...rest } = texts.notice;
  switch (notice.kind) {
    case "asking":
      return { ...rest.asking, icon: CameraIcon };
    case "denied":
      return { title: { camera: denied.titleCamera, mic: denied.titleMic, both: denied.title }[notice.what], text: denied.text, icon: notice.what === "mic" ? MicOffIcon : CameraOffIcon };
    case "system":
      return { title: rest.system.title, text: rest.system.text[systemFamily(navigator.userAgent)], icon: CameraOffIcon };
    case "missing":
      return { ...{ camera: missingCamera, mic: missingMic, both: missingBoth }[notice.what], icon: notice.what === "mic" ? MicOffIcon : CameraOffIcon };
    case "in-use":
      return { title: notice.what === "mic" ? rest.inUse.titleMic : rest.inUse.title, text: rest.inUse.text, icon: notice.what === "mic" ? MicOffIcon : CameraOffIcon };
    case "failed":
      return { title: notice.what === "mic" ? rest.failed.titleMic : rest.failed.title, text: rest.failed.text, icon: notice.what === "mic" ? MicOffIcon : CameraOffIcon };
    case "insecure":
      return { ...rest.insecure, icon: InsecureIcon };
  }
}
