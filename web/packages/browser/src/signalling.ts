/** The two ways to the server: the join request and the call socket. */
import type { Fact } from "@parlor/engine";
import type { ClientMessage, JoinAnswer, JoinRefusal, JoinRequest, ServerMessage } from "@parlor/protocol";

/** How long the server may think about a join. */
const JOIN_REQUEST_MS = 15_000;

/** Asks to be let in. */
export async function requestJoin(request: number, server: string, body: JoinRequest): Promise<Fact> {
  try {
    // A string body goes as text/plain, which needs no CORS preflight.
    const response = await fetch(`${server}/_parlor/join`, {
      method: "POST",
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(JOIN_REQUEST_MS),
    });
    const answer: unknown = await response.json();
    if (response.ok) return { type: "join-answered", request, answer: answer as JoinAnswer };
    return refusal(request, response.status, answer as Partial<JoinRefusal> | null);
  } catch (cause) {
    return { type: "join-failed", request, info: cause instanceof Error ? cause.message : String(cause) };
  }
}

function refusal(request: number, status: number, body: Partial<JoinRefusal> | null): Fact {
  const info = body?.info ?? `The server answered with status ${status}.`;
  if (body?.reason === undefined) return { type: "join-failed", request, info };
  const opensAt = body.opens_at === undefined ? {} : { opensAt: body.opens_at };
  return { type: "join-refused", request, error: { reason: body.reason, info, ...opensAt } };
}

/** The address of the call socket: resolved against the server, as `ws` or `wss`. */
export function socketUrl(server: string, callUrl: string): string {
  const url = new URL(callUrl, server);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}

/** One call socket. */
export class CallSocket {
  readonly #socket: WebSocket;

  constructor(id: number, url: string, report: (fact: Fact) => void) {
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("open", () => report({ type: "socket-opened", socket: id }));
    this.#socket.addEventListener("close", () => report({ type: "socket-closed", socket: id }));
    this.#socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      const message = parseMessage(event.data);
      if (message) report({ type: "socket-message", socket: id, message });
    });
  }

  /** Sends, if the socket still can. */
  send(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close();
  }
}

function parseMessage(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    const message: unknown = JSON.parse(data);
    const isMessage = typeof message === "object" && message !== null && "type" in message;
    return isMessage ? (message as ServerMessage) : null;
  } catch {
    // Not ours; a newer server may speak in frames that we do not know.
    return null;
  }
}
