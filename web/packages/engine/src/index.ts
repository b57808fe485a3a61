/** The call as a reducer: (engine, event) → engine and effects. */
export type * from "./effect.ts";
export { CAM_SOURCES, initialEngine, SOURCES, type Engine, type Intent } from "./engine.ts";
export type * from "./event.ts";
export { midOf, wantedOf } from "./project.ts";
export { reduce } from "./reduce.ts";
export type * from "./state.ts";
export type { EffectiveSettings, JoinRoom, ParticipantId, Permissions, NamedSource as TrackSource } from "@parlor/protocol";
