/**
 * What this server does not do: whoever waits is told so, in the shape in which
 * the method rejects.
 */
import type { Action, Actions } from "../actions.ts";

function refuse(what: string): Action {
  const error = `${what} is not available on this server.`;
  return () => ({ error, errorMsg: error });
}

const telephony = refuse("Telephony");
const mediaPlayer = refuse("The remote media player");

export const unsupportedActions: Actions = {
  "dialout-start": telephony,
  "dialout-stop": telephony,
  "dialin-start": telephony,
  "send-dtmf": telephony,
  "sip-call-transfer": telephony,
  "daily-method-start-remote-media-player": mediaPlayer,
  "daily-method-update-remote-media-player": mediaPlayer,
  "daily-method-stop-remote-media-player": mediaPlayer,
};
