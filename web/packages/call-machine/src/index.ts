/** What a call page in a frame shares with the call machine. */
export type { Channel } from "./channel.ts";
export { FrameChannel, parseEmbedding, type Embedding } from "./frame.ts";
export { Machine, type MachineParts } from "./machine.ts";
export { cameraErrorFields, errorFields } from "./errors.ts";
export { booleanOf, isRecord, recordOf, stringOf, type ClientRequest, type Fields } from "./message.ts";
export { localParticipant, remoteParticipant } from "./participant.ts";
export { eventsOf, selectedDevices, type Context, type Outgoing } from "./translate.ts";
