/** A name for the file of a recording: room and time, in letters that every system takes. */
export function clearedName(room: string, type: string, at: Date): string {
  const name = room.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 60);
  const time = at.toISOString().slice(0, 19).replaceAll(":", "-");
  return `${name}-${time}.${type.includes("mp4") ? "mp4" : "webm"}`;
}
