import { useDaily, useDailyError, useDailyEvent, useMeetingState } from '@daily-co/daily-react';
import { useCallback, useEffect, useState } from 'react';

import { Chat } from './chat';
import { Controls } from './controls';
import { Lobby } from './lobby';
import { Side } from './side';
import { Tiles } from './tiles';
import { Waiting } from './waiting';

/** What there is to see between joining and leaving. */
export function Room({ onEnd }: { readonly onEnd: (reason: string) => void }) {
  const state = useMeetingState();
  const { meetingError } = useDailyError();
  const isInLobby = useIsInLobby();

  useEffect(() => {
    if (state === 'left-meeting') onEnd('');
    if (state === 'error') onEnd(meetingError?.errorMsg ?? 'The call broke off');
  }, [state, meetingError, onEnd]);

  if (isInLobby) return <Lobby />;
  if (state !== 'joined-meeting') return <p className="hint">Joining…</p>;
  return (
    <main className="call">
      <h1 className="unseen">Call</h1>
      <Tiles />
      <Side>
        <Waiting />
        <Chat />
      </Side>
      <Controls />
    </main>
  );
}

/** Whether a host has yet to let this participant in. */
function useIsInLobby(): boolean {
  const daily = useDaily();
  const [isInLobby, setIsInLobby] = useState(false);
  const look = useCallback(() => {
    const access = daily?.accessState().access;
    setIsInLobby(typeof access === 'object' && access.level === 'lobby');
  }, [daily]);
  useDailyEvent('access-state-updated', look);
  return isInLobby;
}
