import { useState } from "preact/hooks";

import type { Invitation } from "../face/types.ts";
import { usePage } from "../page.ts";
import { Confirm } from "../pieces/confirm.tsx";
import { texts } from "../texts.ts";
import { Renewal } from "./renewal.ts";

type RenewInvitationProps = {
  of: Invitation;
  isBusy: boolean;
  refusal: string | null;
  onRenew: (work: () => Promise<Invitation>) => void;
  /** It came to nothing, perhaps after the old link had ended. */
  onFail: () => void;
  onClose: () => void;
};

/** A new link for an invitation. Where only the old one has ended, it says so, and makes the new one when asked again. */
export function RenewInvitationDialog(props: RenewInvitationProps) {
  const { face, organization } = usePage();
  const { renewal: words } = texts.invitations;
  const { of: invitation, isBusy, refusal, onClose } = props;
  const [renewal] = useState(() => new Renewal(face, organization.id, invitation));
  const [isHalfDone, setHalfDone] = useState(false);
  const renew = async () => {
    try {
      return await renewal.carryOut();
    } catch (error) {
      setHalfDone(renewal.isTakenBack);
      props.onFail();
      throw error;
    }
  };
  return (
    <Confirm isBusy={isBusy} refusal={refusal} isDanger={false} title={words.title(invitation.email)} keep={isHalfDone ? texts.close : words.keep} submit={words.submit} onSubmit={() => props.onRenew(renew)} onClose={onClose}>
      <p class="lead">{isHalfDone ? words.halfDone : words.text}</p>
    </Confirm>
  );
}
