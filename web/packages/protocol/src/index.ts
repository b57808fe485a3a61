/** The shapes that cross the wire, generated from `crates/model`. */
export * from "./generated/messages.ts";
export * from "./generated/properties.ts";
import type { TrackSource } from "./generated/messages.ts";

/** The tracks that everybody may have without naming them. */
export type NamedSource = Exclude<TrackSource, `custom-${string}`>;
