/** Where the browser goes after a call. */

/** Schemes by which an address would be a program or a page of its maker's making, and not a place to go. */
const REFUSED = new Set(["javascript:", "data:", "vbscript:", "blob:", "file:", "filesystem:", "about:", "view-source:"]);

/**
 * The address that a domain or a token names, told which call one comes from:
 * web pages and deep links into apps. `null`: it names none that may be followed.
 */
export function exitTarget(target: unknown, call: { readonly domain: string; readonly room: string }): string | null {
  if (typeof target !== "string") return null;
  const url = parse(target);
  if (!url || REFUSED.has(url.protocol)) return null;
  const recent = `recent-call=${encodeURIComponent(call.domain)}/${encodeURIComponent(call.room)}`;
  url.search = url.search === "" ? recent : `${url.search}&${recent}`;
  return url.href;
}

function parse(target: string): URL | null {
  try {
    return new URL(target);
  } catch {
    return null;
  }
}
