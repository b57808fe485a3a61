// Reading the events of daily-js.
import type { Participant } from './app-window.ts';

export interface AboutSomebody {
  readonly participant: Participant;
}

export interface AboutTrack {
  readonly participant: Participant | null;
  readonly track: { readonly id: string; readonly kind: string };
}

/** Fits events about this person. */
export function about(sessionId: string): (event: AboutSomebody) => boolean {
  return (event) => event.participant?.session_id === sessionId;
}
