import Daily, { type DailyCall } from '@daily-co/daily-js';
import { DailyAudio, DailyProvider } from '@daily-co/daily-react';
import { useState } from 'react';

import { Door, type Invitation } from './door';
import { Room } from './room';

/** A form at first, then a call; the call object lives as long as the call. */
export function App() {
  const [call, setCall] = useState<DailyCall | null>(null);
  const [problem, setProblem] = useState('');

  const enter = ({ url, name, token }: Invitation): void => {
    const created = Daily.createCallObject({
      url,
      userName: name,
      ...(token === '' ? {} : { token }),
      // The one line that knows of Parlor: the room's server also serves the call machine.
      dailyConfig: { proxyUrl: new URL(url).origin },
    });
    setProblem('');
    setCall(created);
    // A refused join is told by useDailyError, too, where it is shown.
    created.join().catch(() => undefined);
  };

  const leave = (reason: string): void => {
    void call?.destroy();
    setCall(null);
    setProblem(reason);
  };

  if (call === null) return <Door problem={problem} onEnter={enter} />;
  return (
    <DailyProvider callObject={call}>
      <Room onEnd={leave} />
      {/* From the start: it plays what starts while it is there. */}
      <DailyAudio />
    </DailyProvider>
  );
}
