/** Takes a room's URL apart: whom to ask, for which room, with which token. */

/** What a room URL says. */
export interface RoomAddress {
  /** The origin, without a slash at the end. */
  readonly server: string;
  readonly room: string;
  /** From `?t=`. */
  readonly token: string | null;
}

/**
 * The server is the URL's origin, since a room of another organization lives on
 * its own host; the room is the last segment. `null`: not the URL of a room.
 */
export function parseRoomAddress(url: string): RoomAddress | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") return null;
  const room = decodeSegment(parsed.pathname.split("/").findLast((segment) => segment !== ""));
  if (room === null) return null;
  return { server: parsed.origin, room, token: parsed.searchParams.get("t") };
}

function decodeSegment(segment: string | undefined): string | null {
  if (segment === undefined) return null;
  try {
    return decodeURIComponent(segment);
  } catch {
    // A stray percent sign: no room has such a name, and the server says so best.
    return segment;
  }
}
