/** Hues an avatar may take: none is near red, which means stop. */
const HUES = [168, 190, 205, 230, 252, 275, 300, 330, 72, 95, 130, 150];

/**
 * One or two letters that stand for a name: the first of the first and of the
 * last word. Counts characters as people see them, not UTF-16 units.
 */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words.at(0);
  if (first === undefined) return "";
  const last = words.length > 1 ? (words.at(-1) ?? "") : "";
  return (leadingLetter(first) + leadingLetter(last)).toLocaleUpperCase();
}

/** A hue that stays the same for the same person, from a hash of their id. */
export function avatarHue(userId: string): number {
  let hash = 2166136261;
  for (const char of userId) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  }
  return HUES[(hash >>> 0) % HUES.length] ?? 168;
}

function leadingLetter(word: string): string {
  return /[\p{L}\p{N}]\p{M}*/u.exec(word)?.[0] ?? "";
}
