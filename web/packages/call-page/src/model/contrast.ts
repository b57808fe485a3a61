/** How well two colours stand apart, as WCAG 2 counts it: from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

/** Text needs this much against its ground. */
export const ENOUGH_CONTRAST = 4.5;

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Red, green and blue of `#rgb` or `#rrggbb`, from 0 to 1; how clear it is does not count. */
function channels(colour: string): number[] {
  const digits = colour.slice(1);
  const isShort = digits.length < 6;
  return [0, 1, 2].map((index) => {
    const part = isShort ? (digits[index] ?? "0").repeat(2) : digits.slice(index * 2, index * 2 + 2);
    return Number.parseInt(part, 16) / 255;
  });
}
