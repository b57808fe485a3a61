import { useState } from "preact/hooks";

import type { Invitation, InvitationChange } from "../face/types.ts";
import { endOf, LIVES, type Life } from "../model/invitation.ts";
import { momentText } from "../model/times.ts";
import { ChoiceField } from "../pieces/choice-field.tsx";
import { FormDialog } from "../pieces/form-dialog.tsx";
import { texts } from "../texts.ts";
import { AccessFields, accessOf, useRoles } from "./access-fields.tsx";

type ChangeInvitationProps = {
  of: Invitation;
  now: number;
  isBusy: boolean;
  refusal: string | null;
  onChange: (change: InvitationChange) => void;
  onClose: () => void;
};

/** As what somebody is invited, and until when; its link stays. */
export function ChangeInvitationDialog(props: ChangeInvitationProps) {
  const { create, edit } = texts.invitations;
  const { roles, failed } = useRoles();
  const [access, setAccess] = useState(() => accessOf(props.of));
  const [life, setLife] = useState<Life | "same">("same");
  const lives = LIVES.map((one) => [one, create.lives[one]] as const);
  const submit = () => props.onChange(life === "same" ? access : { ...access, expiresAt: new Date(endOf(life, props.now)).toISOString() });
  return (
    <FormDialog title={edit.title(props.of.email)} submit={edit.submit} isBusy={props.isBusy} refusal={props.refusal} onSubmit={submit} onClose={props.onClose}>
      <ChoiceField
        isFocusedFirst
        label={create.expires}
        options={[["same", edit.as(momentText(Date.parse(props.of.expiresAt)))], ...lives]}
        chosen={life}
        {...(life === "same" ? {} : { hint: create.ends(momentText(endOf(life, props.now))) })}
        onChoose={setLife}
      />
      <AccessFields access={access} roles={roles} failed={failed} onChange={setAccess} />
    </FormDialog>
  );
}
