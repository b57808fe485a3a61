import { usePermissions, useWaitingParticipants } from '@daily-co/daily-react';

/** Who knocks at a private room; only those who may let them in see it. */
export function Waiting() {
  const { waitingParticipants, grantAccess, denyAccess } = useWaitingParticipants();
  const { canAdminParticipants } = usePermissions();
  if (!canAdminParticipants || waitingParticipants.length === 0) return null;
  return (
    <section aria-label="Waiting">
      <h3>Waiting to be let in</h3>
      <ul className="waiting">
        {waitingParticipants.map(({ id, name }) => (
          <li key={id}>
            <span>{name || 'Guest'}</span>
            <button onClick={() => grantAccess(id)}>Let in</button>
            <button onClick={() => denyAccess(id)}>Refuse</button>
          </li>
        ))}
      </ul>
    </section>
  );
}
