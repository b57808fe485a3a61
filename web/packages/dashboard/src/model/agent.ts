/** What a program that calls is, in the words of people. */

/** Browsers by what they say of themselves; most say what others are, too, so the order matters. */
const BROWSERS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]] as const;
const SYSTEMS = [["Android", "Android"], ["iPhone", "iOS"], ["iPad", "iPadOS"], ["Windows", "Windows"], ["Mac OS X", "macOS"], ["CrOS", "ChromeOS"], ["Linux", "Linux"]] as const;

/** Longest name of a program that is shown, in characters. */
const NAME_CHARS = 40;

/** Browser and system of a user agent; for other programs what they call themselves. */
export function agentOf(userAgent: string, source: string): { readonly browser: string; readonly system: string | null } | { readonly program: string } | null {
  const found = (table: readonly (readonly [string, string])[]) => table.find(([sign]) => userAgent.includes(sign))?.[1] ?? null;
  const browser = userAgent.startsWith("Mozilla/") ? found(BROWSERS) : null;
  if (browser) return { browser, system: found(SYSTEMS) };
  const program = source || userAgent.split(" ")[0] || "";
  return program === "" ? null : { program: program.slice(0, NAME_CHARS) };
}
