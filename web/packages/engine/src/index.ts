/** The call as a reducer. */
export type * from "./state.ts";
export type { EffectiveSettings, JoinRoom, ParticipantId, Permissions, TrackSource } from "@parlor/protocol";
