import type { Invitation, KeyItem, Member, MemberAccess, NewInvitation } from "../face/types.ts";
import { usePage } from "../page.ts";
import { useCarryOut } from "../pieces/carry-out.ts";
import { Confirm } from "../pieces/confirm.tsx";
import { texts } from "../texts.ts";
import { changeAccess } from "./change-access.ts";
import { ChangeAccessDialog } from "./change-access-dialog.tsx";
import { ChangeInvitationDialog } from "./change-invitation.tsx";
import { InviteDialog } from "./invite.tsx";
import { InvitedDialog } from "./invited.tsx";
import type { OpenMemberDialog } from "./members-page.tsx";
import { RemoveMemberDialog } from "./remove-member.tsx";
import { RenewInvitationDialog } from "./renew-invitation.tsx";

type MemberDialogProps = {
  open: OpenMemberDialog;
  now: number;
  keys: readonly KeyItem[];
  onOpen: (open: OpenMemberDialog | null) => void;
  /** Something changed; in words, what. */
  onChange: (said: string) => void;
};

/** Carries out what the dialog in front asks for. */
export function MemberDialog(props: MemberDialogProps) {
  const { face, me, organization, links } = usePage();
  const { open, now, keys } = props;
  const { isBusy, refusal, forget, carryOut } = useCarryOut();
  const close = () => {
    forget();
    props.onOpen(null);
  };
  const changed = (said: string) => () => {
    close();
    props.onChange(said);
  };
  const common = { isBusy, refusal, onClose: close };
  const show = (made: Invitation) => {
    if (made.url !== undefined) links.set(made.id, made.url);
    props.onOpen({ kind: "invited", invitation: made });
    props.onChange("");
  };
  const invite = (invitation: NewInvitation) => void carryOut({}, () => face.invite(organization.id, invitation), show);
  const remove = (member: Member) => {
    const work = () => (member.userId === me.id ? face.leave(organization.id) : face.removeMember(organization.id, member.userId));
    void carryOut({ gone: texts.members.gone }, work, changed(texts.members.removed(member.name)));
  };
  // It came to nothing because something else has changed, perhaps.
  const lookAgain = () => props.onChange("");
  const setAccess = (member: Member, access: MemberAccess) => {
    const work = () =>
      changeAccess(face, organization.id, member, access).catch((error: unknown) => {
        lookAgain();
        throw error;
      });
    void carryOut({ gone: texts.members.gone }, work, changed(texts.members.changed(member.name)));
  };
  switch (open.kind) {
    case "invite":
      return <InviteDialog {...common} now={now} onInvite={invite} />;
    case "invited":
      return <InvitedDialog of={open.invitation} url={links.get(open.invitation.id) ?? ""} onClose={close} />;
    case "access":
      return <ChangeAccessDialog {...common} of={open.member} keys={keys} onChange={(access) => setAccess(open.member, access)} />;
    case "remove":
      return <RemoveMemberDialog {...common} of={open.member} keys={keys} onRemove={() => remove(open.member)} />;
    default:
      return <OfInvitation {...common} kind={open.kind} of={open.invitation} now={now} carryOut={carryOut} changed={changed} onRenewed={show} onFail={lookAgain} />;
  }
}

type OfInvitationProps = {
  kind: "change" | "renew" | "cancel";
  of: Invitation;
  now: number;
  isBusy: boolean;
  refusal: string | null;
  carryOut: ReturnType<typeof useCarryOut>["carryOut"];
  changed: (said: string) => () => void;
  onRenewed: (made: Invitation) => void;
  /** It came to nothing, but what is on show may have changed. */
  onFail: () => void;
  onClose: () => void;
};

function OfInvitation(props: OfInvitationProps) {
  const { face, organization } = usePage();
  const { invitations: words } = texts;
  const { of: invitation, isBusy, refusal, onClose, carryOut } = props;
  const common = { isBusy, refusal, onClose };
  const gone = { gone: words.gone };
  const cancel = () => face.cancelInvitation(organization.id, invitation.id);
  switch (props.kind) {
    case "change": {
      const done = props.changed(words.changed(invitation.email));
      return <ChangeInvitationDialog {...common} of={invitation} now={props.now} onChange={(change) => void carryOut(gone, () => face.changeInvitation(organization.id, invitation.id, change), done)} />;
    }
    case "cancel": {
      const done = props.changed(words.cancelled(invitation.email));
      return (
        <Confirm {...common} isDanger title={words.cancelling.title(invitation.email)} keep={words.cancelling.keep} submit={words.cancelling.submit} onSubmit={() => void carryOut(gone, cancel, done)}>
          <p class="lead">{words.cancelling.text}</p>
        </Confirm>
      );
    }
    case "renew":
      return <RenewInvitationDialog {...common} of={invitation} onRenew={(work) => void carryOut(gone, work, props.onRenewed)} onFail={props.onFail} />;
  }
}
