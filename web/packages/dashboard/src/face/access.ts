import { FaceError } from "./face.ts";

/** How long before its end a token is replaced, in milliseconds: longer than a request takes, shorter than a token lives. */
const EARLY_MS = 30_000;

/** Where a signed-in page of our own gets a short-lived access token for its session. */
const ADDRESS = "/account/token";

interface Token {
  readonly value: string;
  readonly until: number;
}

/**
 * The access token of this page. The session's cookie alone opens nothing but
 * this one address; the identity face knows bearer tokens only. Kept in memory.
 */
export class Access {
  readonly #csrf: string;
  #token: Token | null = null;
  #asking: Promise<Token> | null = null;

  constructor(csrf: string) {
    this.#csrf = csrf;
  }

  /** A token that is still good. One request serves all who wait. */
  async token(): Promise<string> {
    if (this.#token && Date.now() < this.#token.until) return this.#token.value;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    this.#token = await this.#asking;
    return this.#token.value;
  }

  /** The face did not take it. */
  forget(): void {
    this.#token = null;
  }

  async #ask(): Promise<Token> {
    const init = { method: "POST", headers: { "x-csrf": this.#csrf }, cache: "no-store" } as const;
    const answer = await fetch(ADDRESS, init).catch(() => null);
    if (!answer) throw new FaceError("unreachable", "");
    if (answer.status === 401 || answer.status === 403) throw new FaceError("signed-out", "");
    if (!answer.ok) throw new FaceError("other", "");
    const { access_token: value, expires_in: seconds } = (await answer.json()) as { access_token: string; expires_in: number };
    return { value, until: Date.now() + Math.max(0, seconds * 1000 - EARLY_MS) };
  }
}
