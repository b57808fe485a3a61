/** The call in a browser. */
export * from "./call.ts";
export { createCall } from "./create-call.ts";
export { parseRoomAddress, type RoomAddress } from "./room-address.ts";
