import { Button, CameraOffIcon, Icon, OfflineIcon, ShareIcon, SpeakerIcon } from "@parlor/ui";

import { setIncomingVideo } from "../incoming-video.ts";
import { isReconnecting } from "../model/ending.ts";
import { useCall, usePage, useUi } from "../page.ts";

/** Rows that take room above the stage, so that they cover nobody. */
export function Strips() {
  const page = usePage();
  const { network, strip } = page.language.texts;
  const isVideoOff = useUi((ui) => ui.isVideoOff);
  const isAway = useCall(isReconnecting);
  const isSoundBlocked = useUi((ui) => ui.isSoundBlocked);
  return (
    <div class="strips">
      {isAway ? (
        <div class="strip-row warn" role="status">
          <Icon of={OfflineIcon} size={17} />
          <p>{navigator.onLine ? strip.reconnecting : strip.offline}</p>
        </div>
      ) : null}
      {isVideoOff ? (
        <div class="strip-row" role="status">
          <Icon of={CameraOffIcon} size={17} />
          <p>{network.videoIsOff}</p>
          <Button size="s" onClick={() => setIncomingVideo(page, true)}>{network.videoOn}</Button>
        </div>
      ) : null}
      {isSoundBlocked ? (
        <div class="strip-row" role="status">
          <Icon of={SpeakerIcon} size={17} />
          <p>{strip.soundBlocked}</p>
          <Button look="filled" size="s" onClick={() => page.ui.update({ isSoundBlocked: false })}>{strip.soundOn}</Button>
        </div>
      ) : null}
    </div>
  );
}

/** Says that one's own screen is shared, and ends it. */
export function SharingStrip() {
  const page = usePage();
  const { stage } = page.language.texts;
  return (
    <div class="strip-row share">
      <Icon of={ShareIcon} size={17} />
      <p>{stage.sharing}</p>
      <Button look="danger" size="s" onClick={() => page.call.stopScreenShare()}>{stage.stop}</Button>
    </div>
  );
}
