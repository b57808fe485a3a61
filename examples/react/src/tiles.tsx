import {
  DailyVideo,
  useActiveSpeakerId,
  useAudioLevelObserver,
  useLocalSessionId,
  useParticipantIds,
  useParticipantProperty,
  useScreenShare,
  useVideoTrack,
} from '@daily-co/daily-react';
import { useCallback, useRef } from 'react';

/** Everybody's camera, after everybody's screen. */
export function Tiles() {
  const ids = useParticipantIds({ sort: 'joined_at' });
  const { screens } = useScreenShare();
  return (
    <ul className="tiles" aria-label="Participants" tabIndex={0}>
      {screens.map((screen) => (
        <Screen key={screen.screenId} sessionId={screen.session_id} />
      ))}
      {ids.map((id) => (
        <Tile key={id} sessionId={id} />
      ))}
    </ul>
  );
}

interface OfOne {
  readonly sessionId: string;
}

function Tile({ sessionId }: OfOne) {
  const name = useName(sessionId);
  const isMuted = useParticipantProperty(sessionId, 'tracks.audio.state') === 'off';
  const video = useVideoTrack(sessionId);
  const isSpeaking = useActiveSpeakerId() === sessionId;
  return (
    <li className={isSpeaking ? 'speaking' : ''}>
      {video.isOff ? <span className="initial">{name.charAt(0)}</span> : <DailyVideo sessionId={sessionId} type="video" fit="cover" automirror />}
      <Level sessionId={sessionId} />
      <span className="name">{isMuted ? `${name}, muted` : name}</span>
    </li>
  );
}

function Screen({ sessionId }: OfOne) {
  return (
    <li className="screen">
      <DailyVideo sessionId={sessionId} type="screenVideo" />
      <span className="name">Screen of {useName(sessionId)}</span>
    </li>
  );
}

/** How loud somebody is. It moves many times a second, so it goes past React. */
function Level({ sessionId }: OfOne) {
  const bar = useRef<HTMLSpanElement>(null);
  useAudioLevelObserver(
    sessionId,
    useCallback((level: number) => {
      bar.current?.style.setProperty('--level', String(Math.min(1, (level ?? 0) * 4)));
    }, []),
  );
  return <span ref={bar} className="level" aria-hidden="true" />;
}

function useName(sessionId: string): string {
  const name = useParticipantProperty(sessionId, 'user_name');
  const isMe = useLocalSessionId() === sessionId;
  return `${name || 'Guest'}${isMe ? ' (you)' : ''}`;
}
