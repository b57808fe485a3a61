/** A length of time as a clock shows it: `0:08`, `24:08`, `1:02:03`. */
export function clockText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const tail = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** The time of day in the viewer's zone and language. */
export function timeOfDay(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(at);
}

/** Day and time in the viewer's zone and language. */
export function dayAndTime(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long", hour: "numeric", minute: "2-digit" }).format(at);
}
