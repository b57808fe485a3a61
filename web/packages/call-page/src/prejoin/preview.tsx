import { BackgroundIcon, CameraIcon, CameraOffIcon, classes, Icon, MicIcon, MicOffIcon, useTip, type IconShape, Avatar } from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { setBlur } from "../effects.ts";
import { Picture, useTrack } from "../media.tsx";
import { isSent, useCall, usePage, useUi } from "../page.ts";
import { noticeFor } from "./device-notice.ts";
import { NoticeCard } from "./notice-card.tsx";

/** One's own picture with its two buttons, or what keeps it from showing. `small` has no room for that. */
export function Preview(props: { look?: "small" }) {
  const page = usePage();
  const { texts } = page.language;
  const camera = useTrack("local", "cam-video");
  const mic = useCall((state) => state.local.tracks["cam-audio"].state);
  const failed = useUi((ui) => ui.failed);
  const isDone = useUi((ui) => ui.isNoticeDone);
  const name = useUi((ui) => ui.name);
  const notice = noticeFor({ failed, camera: camera.state, mic, isDone });
  if (notice !== null && props.look !== "small") {
    return (
      <div class="pv has-notice">
        <NoticeCard notice={notice} />
      </div>
    );
  }
  const isShown = camera.track !== undefined && camera.state === "playable";
  return (
    <div class={classes("pv", props.look, !isShown && "dark")}>
      {isShown && camera.track ? <Picture track={camera.track} isMirrored /> : null}
      {isShown ? <span class="vh">{texts.prejoin.preview}</span> : <OffPicture name={name} isSmall={props.look === "small"} />}
      <PreviewButtons />
    </div>
  );
}

function OffPicture(props: { name: string; isSmall: boolean }) {
  const page = usePage();
  const { prejoin } = page.language.texts;
  const isListener = useCall((state) => {
    const may = abilitiesOf(page, state);
    return !may.mic && !may.camera;
  });
  return (
    <div class="pv-off">
      <Avatar name={props.name} userId={props.name} size={props.isSmall ? 72 : 96} />
      {props.isSmall ? null : <p>{isListener ? prejoin.listener : prejoin.cameraOff}</p>}
    </div>
  );
}

function PreviewButtons() {
  const page = usePage();
  const { dock, effects, prejoin } = page.language.texts;
  const mayBlur = useCall((state) => abilitiesOf(page, state).blur);
  const isBlurred = useUi((ui) => ui.effects.blur);
  const isMicOn = useCall((state) => isSent(state.local.tracks["cam-audio"].state));
  const isCameraOn = useCall((state) => isSent(state.local.tracks["cam-video"].state));
  const mayMic = useCall((state) => abilitiesOf(page, state).mic);
  const mayCamera = useCall((state) => abilitiesOf(page, state).camera);
  if (!mayMic && !mayCamera) return null;
  // Somebody who tries again wants to know why it does not work.
  const tried = () => page.ui.update({ isNoticeDone: false });
  const toggleMic = () => {
    tried();
    page.call.setLocalAudio(!isMicOn);
  };
  const toggleCamera = () => {
    tried();
    page.call.setLocalVideo(!isCameraOn);
  };
  return (
    <div class="pvb" role="group" aria-label={prejoin.devices}>
      {mayMic ? <PreviewButton name={isMicOn ? dock.mute : dock.unmute} icon={isMicOn ? MicIcon : MicOffIcon} isOff={!isMicOn} act={toggleMic} /> : null}
      {mayCamera ? <PreviewButton name={isCameraOn ? dock.stopVideo : dock.startVideo} icon={isCameraOn ? CameraIcon : CameraOffIcon} isOff={!isCameraOn} act={toggleCamera} /> : null}
      {mayBlur ? <PreviewButton name={`${effects.background}: ${isBlurred ? effects.blur : effects.none}`} icon={BackgroundIcon} isOn={isBlurred} act={() => void setBlur(page, !isBlurred)} /> : null}
    </div>
  );
}

function PreviewButton(props: { name: string; icon: IconShape; isOff?: boolean; isOn?: boolean; act: () => void }) {
  const tip = useTip("above");
  return (
    <button type="button" class={classes(props.isOff && "off", props.isOn && "on")} aria-pressed={props.isOn} aria-label={props.name} onClick={props.act} {...tip.handlers}>
      <Icon of={props.icon} size={21} />
      {tip.isShown ? <span class="tip" aria-hidden="true">{props.name}</span> : null}
    </button>
  );
}
