import { useDaily, useDailyError, useDevices, useLocalSessionId, useParticipantProperty, usePermissions, useScreenShare } from '@daily-co/daily-react';

import { DeviceSelect } from './device-select';

export function Controls() {
  const daily = useDaily();
  const me = useLocalSessionId() ?? '';
  const [audio, video] = useParticipantProperty(me, ['tracks.audio.state', 'tracks.video.state']);
  const { canSendAudio, canSendVideo, canSendScreenVideo } = usePermissions();
  const { isSharingScreen, startScreenShare, stopScreenShare } = useScreenShare();
  const devices = useDevices();
  const { nonFatalError } = useDailyError();
  const isHeard = audio === 'playable' || audio === 'sendable';
  const isSeen = video === 'playable' || video === 'sendable';
  return (
    <footer>
      {(devices.hasCamError || devices.hasMicError) && <p role="alert">This browser gives no camera or microphone.</p>}
      {nonFatalError !== null && <p role="alert">{nonFatalError.errorMsg}</p>}
      <div className="controls" role="toolbar" aria-label="Call">
        {canSendAudio && <button onClick={() => daily?.setLocalAudio(!isHeard)}>{isHeard ? 'Mute' : 'Unmute'}</button>}
        <DeviceSelect label="Microphone" devices={devices.microphones} onChoose={devices.setMicrophone} />
        {canSendVideo && <button onClick={() => daily?.setLocalVideo(!isSeen)}>{isSeen ? 'Stop video' : 'Start video'}</button>}
        <DeviceSelect label="Camera" devices={devices.cameras} onChoose={devices.setCamera} />
        <DeviceSelect label="Speaker" devices={devices.speakers} onChoose={devices.setSpeaker} />
        {canSendScreenVideo && (
          <button onClick={() => (isSharingScreen ? stopScreenShare() : startScreenShare())}>
            {isSharingScreen ? 'Stop sharing' : 'Share screen'}
          </button>
        )}
        <button className="danger" onClick={() => void daily?.leave()}>
          Leave
        </button>
      </div>
    </footer>
  );
}
