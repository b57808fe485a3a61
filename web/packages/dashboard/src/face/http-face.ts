import { Access } from "./access.ts";
import type { AuditPage, AuditQuery } from "./audit.ts";
import { FaceError, type Face, type FaceFailure } from "./face.ts";
import type { Invitation, InvitationChange, KeyItem, MadeKey, Member, MemberAccess, NewInvitation, NewKey, Organization, Role, User } from "./types.ts";

/** The base of the identity face. */
const BASE = "/api";

/** The identity face over HTTP, with the access token of this page. */
export class HttpFace implements Face {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  me(): Promise<User> {
    return this.#json("GET", "/users/me", null);
  }

  organizations(): Promise<readonly Organization[]> {
    return this.#json("GET", "/organizations", null);
  }

  members(organization: string): Promise<readonly Member[]> {
    return this.#json("GET", below(organization, "users"), organization);
  }

  roles(organization: string): Promise<readonly Role[]> {
    return this.#json("GET", below(organization, "roles"), organization);
  }

  async setAccess(organization: string, user: string, access: MemberAccess): Promise<void> {
    await this.#send("POST", below(organization, "users", user, "access"), organization, access);
  }

  async removeMember(organization: string, user: string): Promise<void> {
    await this.#send("DELETE", below(organization, "users", user), organization);
  }

  async leave(organization: string): Promise<void> {
    await this.#send("POST", below(organization, "leave"), organization);
  }

  invitations(organization: string): Promise<readonly Invitation[]> {
    return this.#json("GET", below(organization, "invitations"), organization);
  }

  invite(organization: string, invitation: NewInvitation): Promise<Invitation> {
    return this.#json("POST", below(organization, "invitations"), organization, invitation);
  }

  async changeInvitation(organization: string, id: string, change: InvitationChange): Promise<void> {
    await this.#send("PUT", below(organization, "invitations", id), organization, change);
  }

  async cancelInvitation(organization: string, id: string): Promise<void> {
    await this.#send("POST", below(organization, "invitations", id, "cancel"), organization);
  }

  keys(organization: string): Promise<readonly KeyItem[]> {
    return this.#json("GET", "/api-keys", organization);
  }

  makeKey(organization: string, key: NewKey): Promise<MadeKey> {
    return this.#json("POST", "/api-keys", organization, key);
  }

  rotateKey(organization: string, name: string, overlapSeconds: number): Promise<MadeKey> {
    return this.#json("POST", `/api-keys/${encodeURIComponent(name)}/rotate`, organization, { overlapSeconds });
  }

  async revokeKey(organization: string, owner: string, name: string): Promise<void> {
    await this.#send("DELETE", `/api-keys/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`, organization);
  }

  audit(organization: string, query: AuditQuery): Promise<AuditPage> {
    return this.#json("GET", `/audit/organizations/${encodeURIComponent(organization)}?${new URLSearchParams(query)}`, organization);
  }

  async #json<T>(method: string, path: string, organization: string | null, body?: object): Promise<T> {
    const answer = await this.#send(method, path, organization, body);
    return (await answer.json()) as T;
  }

  async #send(method: string, path: string, organization: string | null, body?: object): Promise<Response> {
    const first = await this.#attempt(method, path, organization, body);
    if (first.ok) return first;
    if (first.status !== 401) throw await failureOf(first);
    // The token may have been the last of a key that is gone; a new one tells.
    this.#access.forget();
    const second = await this.#attempt(method, path, organization, body);
    if (second.ok) return second;
    throw await failureOf(second);
  }

  async #attempt(method: string, path: string, organization: string | null, body?: object): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${await this.#access.token()}` };
    if (organization !== null) headers["x-daytona-organization-id"] = organization;
    if (body) headers["content-type"] = "application/json";
    const init: RequestInit = { method, headers, cache: "no-store", credentials: "omit", ...(body ? { body: JSON.stringify(body) } : {}) };
    return fetch(BASE + path, init).catch(() => {
      throw new FaceError("unreachable", "");
    });
  }
}

/** An address below an organization. */
function below(organization: string, ...segments: readonly string[]): string {
  return ["/organizations", ...[organization, ...segments].map(encodeURIComponent)].join("/");
}

const FAILURES: Partial<Record<number, FaceFailure>> = { 401: "signed-out", 403: "refused", 404: "missing", 409: "taken" };

/** The server's own words: they are written for the person who reads them. */
async function failureOf(answer: Response): Promise<FaceError> {
  const body = (await answer.json().catch(() => ({}))) as { message?: unknown; requiredPermission?: unknown };
  const message = typeof body.message === "string" ? body.message : "";
  const permission = typeof body.requiredPermission === "string" ? body.requiredPermission : null;
  return new FaceError(FAILURES[answer.status] ?? "other", message, permission);
}
