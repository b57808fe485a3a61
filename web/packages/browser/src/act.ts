/** What happens in a call by the server's hand: recordings, streams, transcriptions. */

/** How long the server may take. */
const ACT_MS = 20_000;

/** What came of it: what the REST operation would answer. */
export interface ActOutcome {
  readonly ok: boolean;
  /** The stable kind of the failure. */
  readonly error?: string;
  /** For people. */
  readonly info?: string;
  readonly body?: unknown;
}

/** Asks for an operation in the name of the stay that the pass names. */
export async function act(server: string, pass: string, operation: string, body: unknown): Promise<ActOutcome> {
  try {
    // A string body goes as text/plain, which needs no CORS preflight.
    const response = await fetch(`${server}/_parlor/act`, {
      method: "POST",
      body: JSON.stringify({ pass, operation, body: body ?? {} }),
      credentials: "omit",
      signal: AbortSignal.timeout(ACT_MS),
    });
    const answer: unknown = await response.json().catch(() => null);
    return response.ok ? { ok: true, body: answer } : { ok: false, ...failure(response.status, answer) };
  } catch (cause) {
    return { ok: false, error: "connection-error", info: cause instanceof Error ? cause.message : String(cause) };
  }
}

function failure(status: number, answer: unknown): { readonly error: string; readonly info: string } {
  const { error, info } = (answer ?? {}) as { readonly error?: unknown; readonly info?: unknown };
  return {
    error: typeof error === "string" ? error : "server-error",
    info: typeof info === "string" ? info : `The server answered with status ${status}.`,
  };
}
