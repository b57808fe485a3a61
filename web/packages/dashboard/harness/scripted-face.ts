/** A server as a scene wants it: what it answers is written down. */
import type { AuditEntry, AuditPage } from "../src/face/audit.ts";
import { FaceError, type Face } from "../src/face/face.ts";
import type { Invitation, KeyItem, MadeKey, Member, NewInvitation, NewKey, Organization, Role, User } from "../src/face/types.ts";
import { ME, MEMBERS, ROLES, STUDIO } from "./people.ts";

/** What the server holds. */
export interface Script {
  readonly keys: readonly KeyItem[] | "never" | FaceError;
  readonly members?: readonly Member[];
  readonly organizations?: readonly Organization[];
  readonly invitations?: readonly Invitation[] | FaceError;
  readonly audit?: readonly AuditEntry[] | "never" | FaceError;
  readonly failsAll?: FaceError;
  readonly refusal?: FaceError;
}

/** A value of the form of real ones. */
export const VALUE = "parlor_7hQ2mZr9TgVxW4bNc8kLpE3yJsUa6fDoHiR1tGvXw5eBn0MqYzKjPdC2SuA8Tq4f1c9e";

/** The face that answers by the script. */
export class ScriptedFace implements Face {
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  async me(): Promise<User> {
    if (this.#script.failsAll) throw this.#script.failsAll;
    return ME;
  }

  async organizations(): Promise<readonly Organization[]> {
    return this.#script.organizations ?? [STUDIO];
  }

  async members(): Promise<readonly Member[]> {
    return this.#script.members ?? MEMBERS;
  }

  async roles(): Promise<readonly Role[]> {
    return ROLES;
  }

  async setAccess(): Promise<void> {
    this.#refuse();
  }

  async removeMember(): Promise<void> {
    this.#refuse();
  }

  async leave(): Promise<void> {
    this.#refuse();
  }

  async invitations(): Promise<readonly Invitation[]> {
    const invitations = this.#script.invitations ?? [];
    if (invitations instanceof FaceError) throw invitations;
    return invitations;
  }

  async invite(_organization: string, { email, role }: NewInvitation): Promise<Invitation> {
    this.#refuse();
    const createdAt = new Date().toISOString();
    return { id: "i9", email, role, invitedBy: ME.email, expiresAt: createdAt, createdAt, status: "pending", assignedRoles: [], url: "https://studio.parlor.example/account/invitations/x" };
  }

  async changeInvitation(): Promise<void> {
    this.#refuse();
  }

  async cancelInvitation(): Promise<void> {
    this.#refuse();
  }

  keys(): Promise<readonly KeyItem[]> {
    return answer(this.#script.keys);
  }

  async makeKey(_organization: string, key: NewKey): Promise<MadeKey> {
    this.#refuse();
    return { name: key.name, value: VALUE, createdAt: new Date().toISOString(), permissions: key.permissions, expiresAt: key.expiresAt ?? null };
  }

  async rotateKey(_organization: string, name: string): Promise<MadeKey> {
    return { name, value: VALUE, createdAt: new Date().toISOString(), permissions: ["write:rooms"], expiresAt: null };
  }

  async revokeKey(): Promise<void> {
    this.#refuse();
  }

  async audit(): Promise<AuditPage> {
    const items = await answer(this.#script.audit ?? []);
    return { items, total: items.length === 0 ? 0 : 248, ...(items.length === 0 ? {} : { nextToken: "100" }) };
  }

  #refuse(): void {
    if (this.#script.refusal) throw this.#script.refusal;
  }
}

async function answer<T extends object>(scripted: T | "never" | FaceError): Promise<T> {
  if (scripted instanceof FaceError) throw scripted;
  return scripted === "never" ? new Promise(() => {}) : scripted;
}
