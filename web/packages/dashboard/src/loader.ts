/** Which organization is on show, and who is in it. */
import { readKept, writeKept } from "@parlor/ui";

import type { Face } from "./face/face.ts";
import type { Member, Organization, User } from "./face/types.ts";
import { mayLeave } from "./model/people.ts";

/** Under which name this browser keeps the chosen organization. */
const KEPT = "parlor.organization";

/** What is on show. */
export interface Here {
  readonly state: "here";
  readonly me: User;
  readonly organizations: readonly Organization[];
  readonly organization: Organization;
  readonly members: readonly Member[];
}

/** How far loading has come. */
export type Workspace = { readonly state: "loading" } | { readonly state: "failed"; readonly error: unknown } | Here;

/** Loads the workspace. Only the answer that was asked for last is shown, and no other tab changes what is. */
export class Loader {
  readonly #face: Pick<Face, "me" | "organizations" | "members">;
  readonly #show: (workspace: Workspace) => void;
  #asked = 0;
  /** The organization that one began with. */
  #wanted: string | null = null;
  /** The organization on show, if one is. */
  #shown: string | null = null;

  constructor(face: Pick<Face, "me" | "organizations" | "members">, show: (workspace: Workspace) => void) {
    this.#face = face;
    this.#show = show;
  }

  /** Begins with the organization that the address names, if it does, or else with the one that this browser keeps. */
  begin(linked: string | null): void {
    this.#wanted = linked;
    this.#shown = null;
    this.#show({ state: "loading" });
    this.#load(linked).then(
      (here) => {
        if (here === null) return;
        if (here.organization.id === linked) writeKept(KEPT, linked);
        this.#take(here);
      },
      (error: unknown) => this.#show({ state: "failed", error }),
    );
  }

  /** Begins once more where that came to nothing. */
  again(): void {
    this.begin(this.#wanted);
  }

  /** Goes on with another organization, here and in what is opened later. */
  choose(organization: string): void {
    writeKept(KEPT, organization);
    this.begin(organization);
  }

  /** Looks again. What is on show stays until the answer is there, and when there is none. */
  async refresh(): Promise<void> {
    // What is on its way is as new.
    if (this.#shown === null) return;
    const here = await this.#load(this.#shown);
    if (here !== null) this.#take(here);
  }

  #take(here: Here): void {
    this.#shown = here.organization.id;
    this.#show(here);
  }

  /** `null` where something else was asked for since, whether it came to something or not. */
  async #load(wanted: string | null): Promise<Here | null> {
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const here = await loadFrom(this.#face, wanted);
      return mine === this.#asked ? here : null;
    } catch (error) {
      if (mine !== this.#asked) return null;
      throw error;
    }
  }
}

async function loadFrom(face: Pick<Face, "me" | "organizations" | "members">, wanted: string | null): Promise<Here> {
  const [me, organizations] = await Promise.all([face.me(), face.organizations()]);
  const find = (wantedId: string | null) => organizations.find(({ id }) => id === wantedId);
  // Who was invited came for that organization, and not for the one that every account has.
  const organization = find(wanted) ?? find(readKept(KEPT)) ?? organizations.find((one) => mayLeave(me, one)) ?? organizations[0];
  if (!organization) throw new Error("everybody has an organization");
  return { state: "here", me, organizations, organization, members: await face.members(organization.id) };
}
