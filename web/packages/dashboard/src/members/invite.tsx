import { useId, useRef, useState } from "preact/hooks";

import type { MemberAccess, NewInvitation } from "../face/types.ts";
import { emailFault, endOf, LIVES, type Life } from "../model/invitation.ts";
import { momentText } from "../model/times.ts";
import { usePage } from "../page.ts";
import { ChoiceField } from "../pieces/choice-field.tsx";
import { FormDialog } from "../pieces/form-dialog.tsx";
import { texts } from "../texts.ts";
import { AccessFields, useRoles } from "./access-fields.tsx";

type InviteProps = {
  now: number;
  isBusy: boolean;
  refusal: string | null;
  onInvite: (invitation: NewInvitation) => void;
  onClose: () => void;
};

/** Whom to invite, as what, and for how long that stands. */
export function InviteDialog(props: InviteProps) {
  const { create } = texts.invitations;
  const { organization } = usePage();
  const { roles, failed } = useRoles();
  const [email, setEmail] = useState("");
  const [access, setAccess] = useState<MemberAccess>({ role: "member", assignedRoleIds: [] });
  const [life, setLife] = useState<Life>("7");
  const [isTried, setTried] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const fault = isTried ? emailFault(email) : null;
  const end = endOf(life, props.now);
  const submit = () => {
    setTried(true);
    if (emailFault(email) === null) props.onInvite({ email: email.trim(), ...access, expiresAt: new Date(end).toISOString() });
    else field.current?.focus();
  };
  return (
    <FormDialog title={create.title(organization.name)} submit={create.submit} isBusy={props.isBusy} refusal={props.refusal} onSubmit={submit} onClose={props.onClose}>
      <div class="two">
        <EmailField value={email} fault={fault} field={field} onInput={setEmail} />
        <ChoiceField label={create.expires} options={LIVES.map((one) => [one, create.lives[one]] as const)} chosen={life} hint={create.ends(momentText(end))} onChoose={setLife} />
      </div>
      <AccessFields access={access} roles={roles} failed={failed} onChange={setAccess} />
    </FormDialog>
  );
}

type EmailFieldProps = {
  value: string;
  fault: ReturnType<typeof emailFault>;
  field: { current: HTMLInputElement | null };
  onInput: (value: string) => void;
};

function EmailField(props: EmailFieldProps) {
  const { create } = texts.invitations;
  const id = useId();
  return (
    <div>
      <label class="label" for={id}>{create.email}</label>
      <input
        ref={props.field}
        id={id}
        class="input"
        type="email"
        autofocus
        autocomplete="off"
        spellcheck={false}
        value={props.value}
        aria-invalid={props.fault ? "true" : undefined}
        aria-describedby={`${id}-hint`}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <p class={props.fault ? "hint bad" : "hint"} id={`${id}-hint`}>{props.fault ? create.errors[props.fault] : create.emailHint}</p>
    </div>
  );
}
