/** What the address of the page says. */
export interface PageAddress {
  /** The room's whole URL, without query: what to share. */
  readonly url: string;
  /** The room's name: the last segment. */
  readonly room: string;
  /** Origin and alias path, as people read it. */
  readonly host: string;
  /** The meeting token, `?t=`. */
  readonly token: string | null;
}

/** Reads the page's address. */
export function parseAddress(location: { href: string }): PageAddress {
  const url = new URL(location.href);
  const segments = url.pathname.split("/").filter((segment) => segment !== "");
  const last = segments.at(-1) ?? "";
  return {
    url: url.origin + url.pathname.replace(/\/+$/u, ""),
    room: decoded(last),
    host: url.host,
    token: url.searchParams.get("t"),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
