// The REST calls an app's own server makes.

export interface Room {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly privacy: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface LogLine {
  readonly time: string;
  readonly message: string;
  readonly mtgSessionId: string;
  readonly userSessionId: string;
  readonly domainName: string;
  readonly level: number;
  readonly code: number;
}

export interface CallLogs {
  readonly logs: readonly LogLine[];
  readonly metrics?: readonly Readonly<Record<string, unknown>>[];
}

type Properties = Readonly<Record<string, unknown>>;

export class Rest {
  readonly url: string;
  readonly #key: string;

  constructor(ready: { readonly url: string; readonly api_key: string }) {
    this.url = ready.url;
    this.#key = ready.api_key;
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(`${this.url}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  async createRoom(properties: Properties = {}, privacy: 'public' | 'private' = 'public'): Promise<Room> {
    return this.#good<Room>('POST', '/rooms', { privacy, properties });
  }

  async token(properties: Properties): Promise<string> {
    return (await this.#good<{ token: string }>('POST', '/meeting-tokens', { properties })).token;
  }

  /** Does something to the call in a room: `eject`, `send-app-message` and the like. */
  async act(room: Pick<Room, 'name'>, action: string, body: object): Promise<unknown> {
    return this.#good('POST', `/rooms/${room.name}/${action}`, body);
  }

  async sessionData(room: Pick<Room, 'name'>): Promise<unknown> {
    return (await this.#good<{ data: unknown }>('GET', `/rooms/${room.name}/get-session-data`, undefined)).data;
  }

  /** What the people of a meeting reported of it. */
  async logs(query: Readonly<Record<string, string>>): Promise<CallLogs> {
    return this.#good<CallLogs>('GET', `/logs?${new URLSearchParams(query)}`, undefined);
  }

  async #good<T>(method: string, path: string, body: unknown): Promise<T> {
    const answer = await this.send<T>(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** Now, as the API counts: seconds. */
export const unixNow = (): number => Math.floor(Date.now() / 1000);
