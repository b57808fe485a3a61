/** From what users of a call say to the engine's words. */
import type { Intent, ParticipantChange } from "@parlor/engine";

import type { JoinOptions, ParticipantWish, RoomOptions } from "./call.ts";
import { parseRoomAddress } from "./room-address.ts";

/** Where to, and as whom; `null`: the address is not a room's. */
export function intentOf(options: RoomOptions & Partial<JoinOptions>): Intent | null {
  const address = parseRoomAddress(options.url);
  if (!address) return null;
  const token = options.token ?? address.token;
  return {
    server: address.server,
    room: address.room,
    ...(token === null || token === "" ? {} : { token }),
    ...(options.userName === undefined ? {} : { userName: options.userName }),
    ...(options.userData === undefined ? {} : { userData: options.userData }),
    ...(options.startVideoOff === undefined ? {} : { startVideoOff: options.startVideoOff }),
    ...(options.startAudioOff === undefined ? {} : { startAudioOff: options.startAudioOff }),
  };
}

/** What is asked of somebody else, in the room's words. */
export function changeOf({ audio, video, screenShare, eject, permissions }: ParticipantWish): ParticipantChange {
  return {
    ...(audio === undefined ? {} : { audio }),
    ...(video === undefined ? {} : { video }),
    ...(screenShare === undefined ? {} : { screen_share: screenShare }),
    ...(eject === undefined ? {} : { is_ejected: eject }),
    ...(permissions === undefined ? {} : { permissions }),
  };
}
