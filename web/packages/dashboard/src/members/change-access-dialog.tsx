import { useState } from "preact/hooks";

import type { KeyItem, Member, MemberAccess } from "../face/types.ts";
import { heldWith, isLastOwner, keysBeyond } from "../model/people.ts";
import { usePage } from "../page.ts";
import { FormDialog } from "../pieces/form-dialog.tsx";
import { texts } from "../texts.ts";
import { AccessFields, accessOf, useRoles } from "./access-fields.tsx";

type ChangeAccessProps = {
  of: Member;
  keys: readonly KeyItem[];
  isBusy: boolean;
  refusal: string | null;
  onChange: (access: MemberAccess) => void;
  onClose: () => void;
};

/** What somebody may do from now on, and which of their keys that ends. */
export function ChangeAccessDialog(props: ChangeAccessProps) {
  const page = usePage();
  const { members: words } = texts;
  const { roles, failed } = useRoles();
  const [access, setAccess] = useState(() => accessOf(props.of));
  const isLast = access.role === "member" && isLastOwner(props.of.userId, page.members);
  const given = roles?.filter(({ id }) => access.assignedRoleIds.includes(id)) ?? props.of.assignedRoles;
  const ending = keysBeyond(heldWith(access.role, given), props.of.userId, props.keys).map(({ name }) => name);
  return (
    <FormDialog title={words.access.title(props.of.name)} submit={words.access.submit} isBusy={props.isBusy} refusal={props.refusal} onSubmit={() => (isLast ? undefined : props.onChange(access))} onClose={props.onClose}>
      <AccessFields isFocusedFirst access={access} roles={roles} failed={failed} onChange={setAccess} />
      {isLast ? (
        <p class="note bad" role="alert">{words.access.last}</p>
      ) : ending.length > 0 ? (
        <p class="note warn" role="status"><span>{words.access.effect} {words.keysEnd(ending)}</span></p>
      ) : (
        <p class="hint flat">{words.access.effect}</p>
      )}
    </FormDialog>
  );
}
