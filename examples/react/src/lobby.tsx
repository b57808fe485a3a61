import { useDaily } from '@daily-co/daily-react';
import { useState } from 'react';

/** A private room with knocking: ask, and wait for a host's answer. */
export function Lobby() {
  const daily = useDaily();
  const [hasAsked, setHasAsked] = useState(false);

  const knock = (): void => {
    setHasAsked(true);
    // Being let in changes the access state, and a refusal is an `error`: either
    // way this screen goes away.
    daily?.requestAccess({ name: daily.participants().local.user_name }).catch(() => undefined);
  };

  return (
    <main className="door">
      <h1>This room is private</h1>
      {hasAsked ? (
        <p role="status">A host was asked to let you in. Keep this page open.</p>
      ) : (
        <button className="primary" onClick={knock}>
          Ask to join
        </button>
      )}
      <button onClick={() => void daily?.leave()}>Leave</button>
    </main>
  );
}
