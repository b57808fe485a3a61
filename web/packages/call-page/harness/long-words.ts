/** Makes every text about 40 % longer, as other languages are. */
export function lengthen(texts: object): void {
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === "string") Reflect.set(texts, key, longer(value));
    else if (typeof value === "function") Reflect.set(texts, key, (...args: unknown[]) => longer(String(Reflect.apply(value, null, args))));
    else if (typeof value === "object" && value !== null) lengthen(value);
  }
}

function longer(text: string): string {
  return text + "en".repeat(Math.ceil(text.length * 0.2));
}
