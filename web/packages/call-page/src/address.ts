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
  /** With a page around this one that drives the call. */
  readonly embedding: Embedding | null;
}

/** Who embeds the page. */
export interface Embedding {
  /** The client's id, `?emb=`. */
  readonly clientId: string;
  /** The only origin messages are posted to. */
  readonly origin: string;
  readonly dailyJsVersion: string;
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
    embedding: parseEmbedding(url.searchParams),
  };
}

function parseEmbedding(query: URLSearchParams): Embedding | null {
  const clientId = query.get("emb");
  const href = query.get("embHref");
  if (clientId === null || href === null || !URL.canParse(href)) return null;
  return { clientId, origin: new URL(href).origin, dailyJsVersion: query.get("dailyJsVersion") ?? "" };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
