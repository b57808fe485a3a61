/** The shapes that cross the wire, generated from `crates/model`. */
export * from "./generated/messages.ts";
export * from "./generated/permissions.ts";
export * from "./generated/properties.ts";
