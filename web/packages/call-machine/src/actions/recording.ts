/**
 * Recording, streaming and transcription. The server does them; the client
 * awaits no reply, so whatever comes of it is an event.
 */
import type { Action, Actions } from "../actions.ts";
import type { Machine } from "../machine.ts";
import { isRecord, stringOf, type Fields } from "../message.ts";

/** Something that the server is asked to do, and the events that tell of it. */
interface Errand {
  readonly operation: string;
  /** `null`: nothing is told when it worked. */
  readonly done: string | null;
  readonly failed: string;
}

const RECORDING = { failed: "recording-error" };
const STREAMING = { failed: "live-streaming-error" };
const TRANSCRIPTION = { failed: "transcription-error" };

const startRecording = errand({ ...RECORDING, operation: "start-recording", done: "recording-started" });
const stopRecording = errand({ ...RECORDING, operation: "stop-recording", done: "recording-stopped" });

export const recordingActions: Actions = {
  "local-recording-start": (machine, fields) => (typeOf(machine, fields) === "local" ? startLocal(machine, fields) : startRecording(machine, fields, unanswered)),
  "local-recording-stop": (machine, fields) => (machine.recorder.isRunning ? machine.recorder.stop() : stopRecording(machine, fields, unanswered)),
  "daily-method-update-recording": errand({ ...RECORDING, operation: "update-recording", done: null }),
  "daily-method-start-live-streaming": errand({ ...STREAMING, operation: "start-live-streaming", done: "live-streaming-started" }),
  "daily-method-update-live-streaming": errand({ ...STREAMING, operation: "update-live-streaming", done: null }),
  "daily-method-update-live-streaming-endpoints": errand({ ...STREAMING, operation: "update-live-streaming", done: null }),
  "daily-method-stop-live-streaming": errand({ ...STREAMING, operation: "stop-live-streaming", done: "live-streaming-stopped" }),
  "daily-method-start-transcription": errand({ ...TRANSCRIPTION, operation: "start-transcription", done: "transcription-started" }),
  "daily-method-update-transcription": errand({ ...TRANSCRIPTION, operation: "update-transcription", done: null }),
  "daily-method-stop-transcription": errand({ ...TRANSCRIPTION, operation: "stop-transcription", done: "transcription-stopped" }),
};

/** How large the picture is, and how often it changes; as for a recording of the server. */
async function startLocal({ recorder }: Machine, fields: Fields): Promise<void> {
  const numbers = ["width", "height", "fps", "videoBitrate", "audioBitrate"].filter((key) => Number(fields[key]) > 0);
  await recorder.start(stringOf(fields["instanceId"]), Object.fromEntries(numbers.map((key) => [key, Number(fields[key])])));
}

/** Nobody waits for what is said here. */
const unanswered = (): void => undefined;

/** A recording without a type is of the type that the room allows. */
function typeOf({ call }: Machine, fields: Fields): unknown {
  return fields["type"] ?? call.state.effective?.properties["enable_recording"];
}

function errand({ operation, done, failed }: Errand): Action {
  return async (machine, fields) => {
    const { what: _what, from: _from, callClientId: _id, callFrameId: _oldId, ...body } = fields;
    const instanceId = stringOf(fields["instanceId"]);
    const of = instanceId === undefined ? {} : { instanceId };
    const outcome = await machine.call.act(operation, body);
    if (!outcome.ok) machine.channel.send(failed, { ...of, errorMsg: outcome.info ?? outcome.error ?? "The server did not say why." });
    else if (done !== null) machine.channel.send(done, { ...of, ...told(machine, operation, body), ...(isRecord(outcome.body) ? outcome.body : {}) });
    return null;
  };
}

/** What the events of a start say of it besides. */
function told({ call }: Machine, operation: string, body: Fields): Fields {
  const by = call.state.local.id;
  if (operation === "stop-transcription") return { updatedBy: by };
  if (!operation.startsWith("start-")) return {};
  const { layout, type, language, model } = body;
  const defined = Object.entries({ layout, type, language, model }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(defined), startedBy: by };
}
