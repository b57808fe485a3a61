import { Button, copyText, JoinedIcon } from "@parlor/ui";
import { useCallback, useEffect, useState } from "preact/hooks";

import type { Invitation, KeyItem, Member } from "../face/types.ts";
import { NO_FILTER, queryOf } from "../model/audit-filter.ts";
import { expiryState } from "../model/expiry.ts";
import { administrators } from "../model/people.ts";
import { allows, EVERYTHING } from "../model/permissions.ts";
import { addressOf } from "../model/place.ts";
import { useNow, usePage } from "../page.ts";
import { LoadFailed } from "../pieces/load-failed.tsx";
import { texts } from "../texts.ts";
import { MemberDialog } from "./member-dialog.tsx";
import { InvitationTable } from "./invitation-table.tsx";
import { MemberTable } from "./member-table.tsx";

/** What stands in front of the lists. */
export type OpenMemberDialog =
  | { readonly kind: "invite" }
  | { readonly kind: "invited"; readonly invitation: Invitation }
  | { readonly kind: "access" | "remove"; readonly member: Member }
  | { readonly kind: "change" | "renew" | "cancel"; readonly invitation: Invitation };

/** Who belongs to the chosen organization, and who is invited. */
export function MembersPage(props: { initial?: OpenMemberDialog }) {
  const page = usePage();
  const now = useNow();
  const isAdmin = allows(page.held, EVERYTHING);
  const [open, setOpen] = useState<OpenMemberDialog | null>(props.initial ?? null);
  const [said, setSaid] = useState("");
  const { invitations, error: invitationsError, load: loadInvitations } = useInvitations(isAdmin);
  const keys = useKeys(isAdmin);
  const { error, look } = useFreshMembers();
  const { name } = page.organization;
  const admins = administrators(page.members);
  return (
    <>
      <header class="top">
        <h1 tabIndex={-1}>{texts.members.title}</h1>
        {isAdmin ? <div class="acts"><Button look="filled" icon={JoinedIcon} onClick={() => setOpen({ kind: "invite" })}>{texts.members.invite}</Button></div> : null}
      </header>
      <main class="body" id="main">
        <p class="lead">{isAdmin || admins.length === 0 ? texts.members.lead(name) : texts.members.led(name, listed(admins.map((one) => one.name)))}</p>
        {error === null ? null : <LoadFailed what={texts.members.failed} error={error} again={() => void look()} />}
        <MemberTable
          members={page.members}
          me={page.me}
          organization={page.organization}
          isAdmin={isAdmin}
          now={now}
          {...(allows(page.held, "read:audit_logs") ? { onAudit: (member: Member) => page.go(addressOf("audit") + queryOf({ ...NO_FILTER, actor: member.userId })) } : {})}
          onChange={(member) => setOpen({ kind: "access", member })}
          onRemove={(member) => setOpen({ kind: "remove", member })}
        />
        {isAdmin ? (
          <InvitationTable
            invitations={invitations}
            error={invitationsError}
            again={loadInvitations}
            now={now}
            links={page.links}
            onCopy={(invitation, url) => void copyText(url).then((isDone) => setSaid(isDone ? texts.invitations.copied(invitation.email) : texts.invitations.copyFailed))}
            onOpen={(kind, invitation) => setOpen({ kind, invitation })}
          />
        ) : null}
        <p class="said" role="status">{said}</p>
      </main>
      {open ? (
        <MemberDialog
          open={open}
          now={now}
          keys={keys}
          onOpen={setOpen}
          onChange={(words) => {
            if (isAdmin) loadInvitations();
            // What is said and what is on show agree.
            void look().then(() => setSaid(words));
          }}
        />
      ) : null}
    </>
  );
}

/** Looks at who belongs to the organization as the page opens, and when somebody comes back to it: others change it, too. */
function useFreshMembers() {
  const { refresh } = usePage();
  const [error, setError] = useState<unknown>(null);
  const look = useCallback(() => refresh().then(() => setError(null), setError), [refresh]);
  useEffect(() => {
    const lookAgain = () => void look();
    addEventListener("focus", lookAgain);
    return () => removeEventListener("focus", lookAgain);
  }, [look]);
  return { error, look };
}

/** The invitations that wait; `null` until they are here. */
function useInvitations(isAdmin: boolean) {
  const { face, organization, members } = usePage();
  const [invitations, setInvitations] = useState<readonly Invitation[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    setError(null);
    face.invitations(organization.id).then((all) => setInvitations(all.filter(({ status }) => status === "pending")), setError);
  }, [face, organization.id]);
  // Who joins stops waiting, so a change of the members is one of these, too.
  useEffect(() => {
    if (isAdmin) load();
  }, [isAdmin, load, members]);
  return { invitations, error, load };
}

/** The keys of the organization, which say what ends with somebody's access; none where they cannot be told. */
function useKeys(isAdmin: boolean): readonly KeyItem[] {
  const { face, organization, members } = usePage();
  const [keys, setKeys] = useState<readonly KeyItem[]>([]);
  useEffect(() => {
    const isAlive = (key: KeyItem) => expiryState(key.expiresAt, Date.now()).kind !== "expired";
    if (isAdmin) face.keys(organization.id).then((all) => setKeys(all.filter(isAlive)), () => setKeys([]));
  }, [isAdmin, face, organization.id, members]);
  return keys;
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat("en-GB", { type: "conjunction" }).format(names);
}
