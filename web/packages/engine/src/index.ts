/** The call as a reducer: (engine, event) → engine and effects. */
export type * from "./effect.ts";
export { initialEngine, type Engine, type Intent, type VideoWishes, type VideoWishesOf } from "./engine.ts";
export type * from "./event.ts";
export { midOf, wantedOf } from "./project.ts";
export { reduce } from "./reduce.ts";
export * from "./source.ts";
export type * from "./state.ts";
export type { EffectiveSettings, IceServer, JoinRoom, NetworkQuality, ParticipantChange, ParticipantId, PermissionChange, Permissions, TrackSource, VideoPriority, VideoWish } from "@parlor/protocol";
