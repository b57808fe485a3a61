/**
 * Recording, streaming and transcription: not offered by this server yet. The
 * client awaits no reply, so the refusal is an event.
 */
import type { Action, Actions } from "../actions.ts";

function refuse(event: string, what: string): Action {
  return (machine) => machine.channel.send(event, { errorMsg: `${what} is not available on this server.` });
}

export const recordingActions: Actions = {
  "local-recording-start": refuse("recording-error", "Recording"),
  "daily-method-start-live-streaming": refuse("live-streaming-error", "Live streaming"),
  "daily-method-start-transcription": refuse("transcription-error", "Transcription"),
};
