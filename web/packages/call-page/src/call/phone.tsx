import { BackgroundIcon, CameraIcon, CameraOffIcon, CaptionsIcon, ChatIcon, Dialog, HandIcon, Icon, IconButton, LeaveIcon, LinkIcon, MicIcon, MicOffIcon, MoreIcon, PeopleIcon, RecordIcon, SettingsIcon, ShareIcon, SpeakerViewIcon, SwitchCameraIcon, useToolbar, type IconShape } from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { toggleCaptions } from "../captions.ts";
import { setBlur } from "../effects.ts";
import { toggleHand } from "../gestures.ts";
import { isSent, useCall, usePage, useUi } from "../page.ts";
import { DeviceSelects } from "../prejoin/device-selects.tsx";
import { toggleRecording } from "../recording.ts";
import { leaveCall } from "../session.ts";
import { toggleCamera, toggleLayout, toggleMic, togglePanel, toggleShare } from "./actions.ts";
import { useCopy } from "./copy.ts";
import { LeaveMenu, MeetingClock, RecordingDot, useWaitingCount } from "./bar.tsx";
import { PhoneKey } from "./dock-button.tsx";
import { useRecordLabel } from "./more-menu.tsx";
import { NetworkBars } from "./network-panel.tsx";
import { ReactionRow } from "./reactions.tsx";

/** Above the stage on phones: which room, since when, who is here. */
export function PhoneTop() {
  const page = usePage();
  const { dock } = page.language.texts;
  const mayPeople = useCall((state) => abilitiesOf(page, state).people);
  const count = useCall((state) => state.participants.size + 1);
  const waiting = useWaitingCount();
  const hasCameras = useCall((state) => state.devices.available.filter((device) => device.kind === "videoinput").length > 1);
  const isCameraOn = useCall((state) => state.local.tracks["cam-video"].state === "playable");
  return (
    <header class="ptop">
      <div class="t">
        <h1>{page.roomName}</h1>
        <p class="num"><MeetingClock /><RecordingDot /><NetworkBars /></p>
      </div>
      {mayPeople ? (
        <IconButton name={`${dock.people}, ${waiting > 0 ? dock.waiting(waiting) : dock.inCall(count)}`} icon={PeopleIcon} size="l" tip="none" onClick={() => togglePanel(page, "people")}>
          {waiting > 0 ? <span class="badge urgent" aria-hidden="true">{waiting}</span> : null}
        </IconButton>
      ) : null}
      {hasCameras && isCameraOn ? <IconButton name={dock.switchCamera} icon={SwitchCameraIcon} size="l" tip="none" onClick={() => void page.call.cycleCamera()} /> : null}
    </header>
  );
}

/** Below the stage on phones: the keys a thumb reaches. */
export function PhoneKeys() {
  const page = usePage();
  const { dock } = page.language.texts;
  const toolbar = useToolbar();
  const isMicOff = useCall((state) => !isSent(state.local.tracks["cam-audio"].state));
  const isCameraOff = useCall((state) => !isSent(state.local.tracks["cam-video"].state));
  const mayMic = useCall((state) => abilitiesOf(page, state).mic);
  const mayCamera = useCall((state) => abilitiesOf(page, state).camera);
  const mayChat = useCall((state) => abilitiesOf(page, state).chat);
  const mayLeave = useCall((state) => abilitiesOf(page, state).leave);
  const unread = useUi((ui) => ui.unread);
  const isHost = useCall((state) => abilitiesOf(page, state).admin && state.participants.size > 0);
  const isLeaving = useUi((ui) => ui.menu === "leave");
  const isMoreOpen = useUi((ui) => ui.menu === "more");
  return (
    <footer class="pfoot" data-menu-owner>
      <div class="pdock" role="toolbar" aria-label={dock.name} {...toolbar}>
        {mayMic ? <PhoneKey name={isMicOff ? dock.unmute : dock.mute} icon={isMicOff ? MicOffIcon : MicIcon} class={isMicOff ? "muted" : ""} onClick={() => toggleMic(page)} /> : null}
        {mayCamera ? <PhoneKey name={isCameraOff ? dock.startVideo : dock.stopVideo} icon={isCameraOff ? CameraOffIcon : CameraIcon} class={isCameraOff ? "muted" : ""} onClick={() => toggleCamera(page)} /> : null}
        {mayMic || mayCamera ? null : <p class="listening">{dock.listening}</p>}
        {mayChat ? (
          <PhoneKey name={unread > 0 ? `${dock.chat}, ${dock.unread(unread)}` : dock.chat} icon={ChatIcon} onClick={() => togglePanel(page, "chat")}>
            {unread > 0 ? <span class="badge" aria-hidden="true">{unread}</span> : null}
          </PhoneKey>
        ) : null}
        <PhoneKey name={dock.more} icon={MoreIcon} hasDialog onClick={() => page.ui.update({ menu: "more" })} />
        {mayLeave ? <PhoneKey name={dock.leave} icon={LeaveIcon} class="leave" hasDialog={isHost} onClick={() => (isHost ? page.ui.update({ menu: isLeaving ? null : "leave" }) : leaveCall(page))} /> : null}
      </div>
      {isLeaving ? <div class="leave-sheet"><LeaveMenu /></div> : null}
      {isMoreOpen ? <MoreSheet /> : null}
    </footer>
  );
}

function MoreSheet() {
  const page = usePage();
  const { close: closeName, dock, effects, settings, stage } = page.language.texts;
  const mayShare = useCall((state) => abilitiesOf(page, state).share);
  const hasLayouts = useCall((state) => state.participants.size > 1);
  const isGrid = useUi((ui) => ui.layout === "grid" && ui.pinned === null);
  const mayReact = useCall((state) => abilitiesOf(page, state).react);
  const mayRaise = useCall((state) => abilitiesOf(page, state).hand);
  const own = useCall((state) => state.local.id);
  const isRaised = useUi((ui) => ui.hands.has(own));
  const mayCaption = useCall((state) => abilitiesOf(page, state).captions);
  const isCaptioned = useUi((ui) => ui.captions.isOn);
  const mayBlur = useCall((state) => abilitiesOf(page, state).blur);
  const isBlurred = useUi((ui) => ui.effects.blur);
  const isSelfHidden = useUi((ui) => ui.isSelfHidden);
  const buttons = useUi((ui) => ui.outline.buttons);
  const record = useRecordLabel();
  const { copy } = useCopy(page.address.url);
  const close = () => page.ui.update({ menu: null });
  const choose = (act: () => void) => () => {
    close();
    act();
  };
  return (
    <Dialog title={dock.more} closeName={closeName} look="sheet" onClose={close}>
      {mayReact ? <ReactionRow /> : null}
      <div class="sheet-devs"><DeviceSelects /></div>
      <ul class="sheet-list">
        {mayRaise ? <SheetLine icon={HandIcon} label={isRaised ? dock.lowerHand : dock.raiseHand} onChoose={choose(() => toggleHand(page))} /> : null}
        {mayShare ? <SheetLine icon={ShareIcon} label={dock.share} onChoose={choose(() => toggleShare(page))} /> : null}
        {hasLayouts ? <SheetLine icon={SpeakerViewIcon} label={dock.layout} value={isGrid ? dock.layoutGrid : dock.layoutSpeaker} onChoose={choose(() => toggleLayout(page))} /> : null}
        {mayCaption ? <SheetLine icon={CaptionsIcon} label={dock.captions} value={isCaptioned ? dock.on : dock.off} onChoose={choose(() => toggleCaptions(page))} /> : null}
        {record === null ? null : <SheetLine icon={RecordIcon} label={record} onChoose={choose(() => void toggleRecording(page))} />}
        {mayBlur ? <SheetLine icon={BackgroundIcon} label={effects.background} value={isBlurred ? effects.blur : effects.none} onChoose={choose(() => void setBlur(page, !isBlurred))} /> : null}
        {buttons.map((button) => <SheetLine key={button.id} icon={MoreIcon} label={button.label} onChoose={choose(() => page.embedded?.pressButton(button.id))} />)}
        <SheetLine icon={isSelfHidden ? CameraIcon : CameraOffIcon} label={isSelfHidden ? stage.showSelf : stage.hideSelf} onChoose={choose(() => page.ui.update({ isSelfHidden: !isSelfHidden }))} />
        <SheetLine icon={LinkIcon} label={dock.copyLink} onChoose={choose(copy)} />
        <SheetLine icon={SettingsIcon} label={settings} onChoose={() => page.ui.update({ menu: null, dialog: "settings" })} />
      </ul>
    </Dialog>
  );
}

function SheetLine(props: { icon: IconShape; label: string; value?: string; onChoose: () => void }) {
  return (
    <li>
      <button type="button" onClick={props.onChoose}>
        <Icon of={props.icon} size={20} />
        <span>{props.label}</span>
        {props.value === undefined ? null : <small>{props.value}</small>}
      </button>
    </li>
  );
}

