/** A new link: the invitation is taken back and made once more. */
import type { Face } from "../face/face.ts";
import type { Invitation, NewInvitation } from "../face/types.ts";

/** How long an invitation must stand yet for its end to be kept, in milliseconds: the server refuses ends that are over. */
const LEAST_MS = 60_000;

/** The two halves of a new link. Only the first can be done once; trying again goes on where it failed. */
export class Renewal {
  readonly #face: Pick<Face, "cancelInvitation" | "invite">;
  readonly #organization: string;
  readonly #invitation: Invitation;
  #isTakenBack = false;

  constructor(face: Pick<Face, "cancelInvitation" | "invite">, organization: string, invitation: Invitation) {
    this.#face = face;
    this.#organization = organization;
    this.#invitation = invitation;
  }

  /** Whether the old link has stopped working. */
  get isTakenBack(): boolean {
    return this.#isTakenBack;
  }

  /** The invitation with its new link. */
  async carryOut(): Promise<Invitation> {
    if (!this.#isTakenBack) await this.#face.cancelInvitation(this.#organization, this.#invitation.id);
    this.#isTakenBack = true;
    return this.#face.invite(this.#organization, sameAs(this.#invitation, Date.now()));
  }
}

/** The invitation once more; one that is over, or as good as that, stands as long as new ones do. */
function sameAs(invitation: Invitation, now: number): NewInvitation {
  const { email, role, expiresAt } = invitation;
  const again = { email, role, assignedRoleIds: invitation.assignedRoles.map(({ id }) => id) };
  return Date.parse(expiresAt) > now + LEAST_MS ? { ...again, expiresAt } : again;
}
