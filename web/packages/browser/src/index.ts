/** The call in a browser. */
export * from "./call.ts";
export { wantedOf } from "@parlor/engine";
export type * from "./state.ts";
export { createCall } from "./create-call.ts";
export { parseRoomAddress, type RoomAddress } from "./room-address.ts";
