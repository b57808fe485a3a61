/**
 * The frame's end of the message channel: for a call page that an application
 * opened with `createFrame`. The same messages as in one window, posted to the
 * parent; tracks do not travel.
 */
import type { Channel } from "./channel.ts";
import { eventMessage, parseRequest, replyMessage, type Address, type ClientRequest, type Fields } from "./message.ts";

/** What the frame's own address says about who embeds it. */
export interface Embedding {
  readonly clientId: string;
  /** Where to post; `"*"` if the embedding page has no origin. */
  readonly targetOrigin: string;
  readonly dailyJsVersion: string | null;
  readonly layout: string | null;
}

/** Reads `emb`, `embHref` and the rest; `null`: a page opened directly. */
export function parseEmbedding(search: string): Embedding | null {
  const params = new URLSearchParams(search);
  const clientId = params.get("emb");
  if (clientId === null || clientId === "") return null;
  return {
    clientId,
    targetOrigin: originOf(params.get("embHref")),
    dailyJsVersion: params.get("dailyJsVersion"),
    layout: params.get("layout"),
  };
}

function originOf(href: string | null): string {
  if (href === null || !URL.canParse(href)) return "*";
  const { protocol, origin } = new URL(href);
  return protocol === "file:" || origin === "null" ? "*" : origin;
}

/** Talks to the daily-js object in the parent window. */
export class FrameChannel implements Channel {
  readonly #parent: Window;
  readonly #targetOrigin: string;
  readonly #address: Address;

  /** `handle` gets every request of the parent, `iframe-launch-config` first. */
  constructor(window: Window, embedding: Embedding, handle: (request: ClientRequest) => void) {
    this.#parent = window.parent;
    this.#targetOrigin = embedding.targetOrigin;
    // Which of the two fields the parent reads depends on its version; both suit each.
    this.#address = { clientId: embedding.clientId, idField: "both" };
    window.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (event.source !== this.#parent) return;
      const parsed = parseRequest(event.data);
      if (parsed?.address.clientId === embedding.clientId) handle(parsed.request);
    });
  }

  /** Says that the page wants its launch configuration. */
  announce(): void {
    this.send("iframe-ready-for-launch-config");
  }

  send(action: string, fields: Fields = {}): void {
    this.#parent.postMessage(eventMessage(this.#address, action, fields), this.#targetOrigin);
  }

  reply(request: ClientRequest, fields: Fields): void {
    if (request.stamp === null) return;
    this.#parent.postMessage(replyMessage(this.#address, request, fields), this.#targetOrigin);
  }
}
