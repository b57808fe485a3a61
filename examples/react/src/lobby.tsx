import { useDaily } from '@daily-co/daily-react';
import { useState } from 'react';

/** A private room with knocking: ask, and wait for a host's answer. */
export function Lobby() {
  const daily = useDaily();
  const [state, setState] = useState<'new' | 'asked' | 'refused'>('new');

  const knock = async (): Promise<void> => {
    setState('asked');
    const answer = await daily?.requestAccess({ name: daily.participants().local.user_name });
    // Being let in changes the access state, and this screen goes away.
    if (answer?.granted !== true) setState('refused');
  };

  return (
    <main className="door">
      <h1>This room is private</h1>
      {state === 'asked' ? (
        <p>A host was asked to let you in. Keep this page open.</p>
      ) : (
        <button className="primary" onClick={() => void knock()}>
          Ask to join
        </button>
      )}
      {state === 'refused' && <p role="alert">The host did not let you in.</p>}
      <button onClick={() => void daily?.leave()}>Leave</button>
    </main>
  );
}
