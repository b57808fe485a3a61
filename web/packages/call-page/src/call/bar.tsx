import {
  CameraIcon,
  CameraOffIcon,
  CaptionsIcon,
  ChatIcon,
  classes,
  GridIcon,
  HandIcon,
  Icon,
  LeaveIcon,
  Menu,
  MenuItem,
  MicIcon,
  MicOffIcon,
  MoreIcon,
  PeopleIcon,
  ReactIcon,
  ShareIcon,
  SpeakerViewIcon,
  StopShareIcon,
  UpIcon,
  useToolbar,
  type IconShape,
} from "@parlor/ui";

import { abilitiesOf } from "../abilities.ts";
import { toggleCaptions } from "../captions.ts";
import { toggleHand } from "../gestures.ts";
import { knocking } from "../knocks.ts";
import { clockText } from "../model/times.ts";
import { isSent, useCall, usePage, useUi } from "../page.ts";
import { leaveCall } from "../session.ts";
import { toggleCamera, toggleLayout, toggleMic, togglePanel, toggleShare } from "./actions.ts";
import { DeviceMenu } from "./device-menu.tsx";
import { Badge, DockButton } from "./dock-button.tsx";
import { useNow } from "./measure.ts";
import { NetworkBars } from "./network-panel.tsx";
import { MoreMenu } from "./more-menu.tsx";
import { ReactionTray } from "./reactions.tsx";
import { TrayButtons } from "./tray-buttons.tsx";

/** The bar: which room and since when, the controls, and the panels. */
export function Bar() {
  return (
    <footer class="bar">
      <RoomLine />
      <Dock />
      <PanelButtons />
    </footer>
  );
}

function RoomLine() {
  const page = usePage();
  return (
    <div class="bl">
      <div class="rm">
        <h1>{page.roomName}</h1>
        <p class="num"><MeetingClock /><RecordingDot /><NetworkBars /></p>
      </div>
    </div>
  );
}

/** The time since the meeting began. */
export function MeetingClock() {
  const began = useUi((ui) => ui.beganAt);
  const now = useNow(began !== null);
  return <span>{began === null ? "" : clockText(now - began)}</span>;
}

/** That the call is recorded, for everybody to see. */
export function RecordingDot() {
  const { dock } = usePage().language.texts;
  const isAsked = useUi((ui) => ui.isRecording);
  const isRecorded = useCall((state) => state.local.isRecording || [...state.participants.values()].some((person) => person.isRecording));
  if (!isAsked && !isRecorded) return null;
  return <span class="rec"><span class="dot rec" /><span class="rt">{dock.recording}</span></span>;
}

function Dock() {
  const page = usePage();
  const { dock } = page.language.texts;
  const toolbar = useToolbar();
  const may = {
    mic: useCall((state) => abilitiesOf(page, state).mic),
    camera: useCall((state) => abilitiesOf(page, state).camera),
    share: useCall((state) => abilitiesOf(page, state).share),
    leave: useCall((state) => abilitiesOf(page, state).leave),
  };
  const isSharing = useCall((state) => state.local.tracks["screen-video"].state === "playable");
  const menu = useUi((ui) => ui.menu);
  return (
    <div class="dock" role="toolbar" aria-label={dock.name} {...toolbar}>
      {may.mic ? <DeviceControl kind="mic" /> : null}
      {may.camera ? <DeviceControl kind="camera" /> : null}
      {may.mic || may.camera ? null : <p class="listening">{dock.listening}</p>}
      {may.share ? <DockButton label={isSharing ? dock.stopShare : dock.share} icon={isSharing ? StopShareIcon : ShareIcon} isPressed={isSharing} onClick={() => toggleShare(page)} /> : null}
      <Gestures />
      <div class="has-menu">
        <DockButton label={dock.more} icon={MoreIcon} hasMenu isOpen={menu === "more"} onClick={() => page.ui.update({ menu: menu === "more" ? null : "more" })} />
        {menu === "more" ? <MoreMenu /> : null}
      </div>
      {may.leave ? <LeaveControl /> : null}
    </div>
  );
}

/** Hosts choose: leave, or end for everyone. */
function LeaveControl() {
  const page = usePage();
  const { dock } = page.language.texts;
  const isHost = useCall((state) => abilitiesOf(page, state).admin && state.participants.size > 0);
  const isOpen = useUi((ui) => ui.menu === "leave");
  if (!isHost) return <DockButton label={dock.leave} icon={LeaveIcon} isLeave onClick={() => leaveCall(page)} />;
  return (
    <div class="has-menu leaving">
      <DockButton label={dock.leave} icon={LeaveIcon} isLeave hasMenu isOpen={isOpen} onClick={() => page.ui.update({ menu: isOpen ? null : "leave" })} />
      {isOpen ? <LeaveMenu /> : null}
    </div>
  );
}

/** The two ways out that hosts have. */
export function LeaveMenu() {
  const page = usePage();
  const { dock } = page.language.texts;
  return (
    <Menu name={dock.leave} class="up" onClose={() => page.ui.update({ menu: null })}>
      <MenuItem onChoose={() => leaveCall(page)}>{dock.leave}</MenuItem>
      <MenuItem onChoose={() => page.ui.update({ menu: null, dialog: "end" })}>{dock.endForAll}</MenuItem>
    </Menu>
  );
}

function Gestures() {
  const page = usePage();
  const { dock } = page.language.texts;
  const mayReact = useCall((state) => abilitiesOf(page, state).react);
  const mayRaise = useCall((state) => abilitiesOf(page, state).hand);
  const own = useCall((state) => state.local.id);
  const isRaised = useUi((ui) => ui.hands.has(own));
  const menu = useUi((ui) => ui.menu);
  return (
    <>
      {mayReact ? (
        <div class="has-menu">
          <DockButton label={dock.react} icon={ReactIcon} hasMenu isOpen={menu === "react"} onClick={() => page.ui.update({ menu: menu === "react" ? null : "react" })} />
          {menu === "react" ? <ReactionTray /> : null}
        </div>
      ) : null}
      <TrayButtons />
      {mayRaise ? <DockButton class="w2" label={isRaised ? dock.lowerHand : dock.raiseHand} icon={HandIcon} isPressed={isRaised} onClick={() => toggleHand(page)} /> : null}
    </>
  );
}

/** Microphone or camera: the large part acts, the arrow opens the devices. */
function DeviceControl(props: { kind: "mic" | "camera" }) {
  const page = usePage();
  const { dock } = page.language.texts;
  const source = props.kind === "mic" ? "cam-audio" : "cam-video";
  const isOff = useCall((state) => !isSent(state.local.tracks[source].state));
  const menu = useUi((ui) => ui.menu);
  const [icon, label]: [IconShape, string] =
    props.kind === "mic" ? (isOff ? [MicOffIcon, dock.unmute] : [MicIcon, dock.mute]) : isOff ? [CameraOffIcon, dock.startVideo] : [CameraIcon, dock.stopVideo];
  const openMenu = () => page.ui.update({ menu: menu === props.kind ? null : props.kind });
  return (
    <div class={classes("split", isOff && "muted")}>
      <DockButton label={label} icon={icon} isMuted={isOff} onClick={() => (props.kind === "mic" ? toggleMic(page) : toggleCamera(page))} />
      <button
        type="button"
        class="car"
        aria-haspopup="menu"
        aria-expanded={menu === props.kind}
        aria-label={props.kind === "mic" ? dock.micMenu : dock.cameraMenu}
        onClick={openMenu}
        onKeyDown={(event) => {
          if (event.key !== "ArrowUp") return;
          event.preventDefault();
          openMenu();
        }}
      >
        <Icon of={UpIcon} size={15} />
      </button>
      {menu === props.kind ? <DeviceMenu kind={props.kind} /> : null}
    </div>
  );
}

/** How many wait at the door, for those who may open it. */
export function useWaitingCount(): number {
  const page = usePage();
  const isAdmin = useCall((state) => abilitiesOf(page, state).admin);
  const waiting = useCall((state) => state.waiting);
  const denied = useUi((ui) => ui.denied);
  return isAdmin ? knocking(waiting, denied).length : 0;
}

function PanelButtons() {
  const page = usePage();
  const { dock } = page.language.texts;
  const mayPeople = useCall((state) => abilitiesOf(page, state).people);
  const mayChat = useCall((state) => abilitiesOf(page, state).chat);
  const count = useCall((state) => state.participants.size + 1);
  const panel = useUi((ui) => ui.panel);
  const unread = useUi((ui) => ui.unread);
  const waiting = useWaitingCount();
  const mayCaption = useCall((state) => abilitiesOf(page, state).captions);
  const isCaptioned = useUi((ui) => ui.captions.isOn);
  const isGrid = useUi((ui) => ui.layout === "grid" && ui.pinned === null);
  return (
    <div class="br">
      {mayCaption ? <DockButton class="w2" label={dock.captions} icon={CaptionsIcon} isPressed={isCaptioned} onClick={() => toggleCaptions(page)} /> : null}
      {count > 2 ? <DockButton class="w2" label={dock.layout} icon={isGrid ? GridIcon : SpeakerViewIcon} isPressed={!isGrid} onClick={() => toggleLayout(page)} /> : null}
      {mayPeople ? (
        <DockButton label={dock.people} icon={PeopleIcon} isPressed={panel === "people"} onClick={() => togglePanel(page, "people")}>
          {waiting > 0 ? <Badge count={waiting} name={dock.waiting(waiting)} isUrgent /> : <Badge count={count} name={dock.inCall(count)} />}
        </DockButton>
      ) : null}
      {mayChat ? (
        <DockButton label={dock.chat} icon={ChatIcon} isPressed={panel === "chat"} onClick={() => togglePanel(page, "chat")}>
          {unread > 0 ? <Badge count={unread} name={dock.unread(unread)} /> : null}
        </DockButton>
      ) : null}
    </div>
  );
}
