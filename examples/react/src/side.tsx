import { useCPULoad, useNetwork, useParticipantCounts, useRoom } from '@daily-co/daily-react';
import { useEffect, useState, type ReactNode } from 'react';

/** The column beside the tiles: where one is, how the network does, and more. */
export function Side({ children }: { readonly children: ReactNode }) {
  const room = useRoom();
  const { present, hidden } = useParticipantCounts();
  return (
    <aside>
      <h2>{room?.name ?? ''}</h2>
      <p className="hint">
        {present} in the call{hidden > 0 ? `, ${hidden} unseen` : ''}
      </p>
      <Network />
      {children}
    </aside>
  );
}

const LOOK_EVERY_MS = 2_000;

interface Rates {
  readonly send: number;
  readonly receive: number;
}

function Network() {
  const { getStats, networkState } = useNetwork();
  const cpu = useCPULoad();
  const [rates, setRates] = useState<Rates>({ send: 0, receive: 0 });

  useEffect(() => {
    const look = async (): Promise<void> => {
      const latest = (await getStats())?.latest;
      if (!latest || !('videoSendBitsPerSecond' in latest)) return;
      setRates({
        send: (latest.videoSendBitsPerSecond ?? 0) + (latest.audioSendBitsPerSecond ?? 0),
        receive: (latest.videoRecvBitsPerSecond ?? 0) + (latest.audioRecvBitsPerSecond ?? 0),
      });
    };
    const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [getStats]);

  return (
    <dl className="network" aria-label="Network">
      <dt>Network</dt>
      <dd>{networkState}</dd>
      <dt>Sending</dt>
      <dd>{kilobits(rates.send)}</dd>
      <dt>Receiving</dt>
      <dd>{kilobits(rates.receive)}</dd>
      <dt>Processor</dt>
      <dd>{cpu.state === 'high' ? 'struggling' : 'fine'}</dd>
    </dl>
  );
}

function kilobits(bitsPerSecond: number): string {
  return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}
