import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Member, MemberAccess, MemberRole, Role } from "../face/types.ts";
import { failureText, usePage } from "../page.ts";
import { Segmented } from "../pieces/segmented.tsx";
import { Words } from "../pieces/words.tsx";
import { texts } from "../texts.ts";

/** Roles for what few organizations use; behind a line to open, unless somebody has them. */
const RARE: ReadonlySet<string> = new Set([2, 3, 4, 6, 8].map((number) => `00000000-0000-0000-0000-${String(number).padStart(12, "0")}`));

/** The roles that can be given; `null` until they are here. */
export function useRoles(): { readonly roles: readonly Role[] | null; readonly failed: string | null } {
  const { face, organization } = usePage();
  const [roles, setRoles] = useState<readonly Role[] | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    face.roles(organization.id).then(setRoles, (error: unknown) => setFailed(failureText(error)));
  }, [face, organization.id]);
  return { roles, failed };
}

/** The place that somebody has, as the form begins with it. */
export function accessOf(of: Pick<Member, "role" | "assignedRoles">): MemberAccess {
  return { role: of.role, assignedRoleIds: of.assignedRoles.map(({ id }) => id) };
}

type AccessFieldsProps = {
  access: MemberAccess;
  roles: readonly Role[] | null;
  failed: string | null;
  isFocusedFirst?: boolean;
  onChange: (access: MemberAccess) => void;
};

/** What somebody is: an owner, or a member with the roles that are ticked. */
export function AccessFields(props: AccessFieldsProps) {
  const { organization } = usePage();
  const { access } = texts.members;
  const isOwner = props.access.role === "owner";
  const choose = (role: MemberRole) => props.onChange({ role, assignedRoleIds: role === "owner" ? [] : props.access.assignedRoleIds });
  return (
    <div>
      <div class="may-h">
        <p class="label">{access.roles}</p>
        <Segmented name={access.role} options={[["member", texts.roles.member], ["owner", texts.roles.owner]]} chosen={props.access.role} isFocusedFirst={props.isFocusedFirst ?? false} onChoose={choose} />
      </div>
      {isOwner ? <p class="note warn"><span>{access.owner(organization.name)}</span></p> : <RoleList {...props} />}
      {isOwner || props.access.assignedRoleIds.length > 0 ? null : <p class="hint">{access.none(organization.name)}</p>}
    </div>
  );
}

function RoleList(props: AccessFieldsProps) {
  const { access } = texts.members;
  if (props.failed !== null) return <p class="note bad" role="alert">{access.failed} {props.failed}</p>;
  if (props.roles === null) return <p class="hint" role="status">{access.loading}</p>;
  const isChosen = ({ id }: Role) => props.access.assignedRoleIds.includes(id);
  const rare = props.roles.filter(({ id }) => RARE.has(id));
  const lines = (roles: readonly Role[]) => roles.map((role) => <RoleLine key={role.id} of={role} isChosen={isChosen(role)} onToggle={() => props.onChange(toggled(props.access, role))} />);
  return (
    <div class="pgs" role="group" aria-label={access.roles}>
      {lines(props.roles.filter(({ id }) => !RARE.has(id)))}
      {rare.length > 0 ? <RareRoles isOpenFirst={rare.some(isChosen)}>{lines(rare)}</RareRoles> : null}
    </div>
  );
}

/** Opens by itself for who has one of them, and then stays as it is. */
function RareRoles(props: { isOpenFirst: boolean; children: ComponentChildren }) {
  const [isOpen] = useState(props.isOpenFirst);
  return (
    <details open={isOpen}>
      <summary>{texts.members.access.rare}</summary>
      {props.children}
    </details>
  );
}

function toggled(access: MemberAccess, { id }: Role): MemberAccess {
  const others = access.assignedRoleIds.filter((one) => one !== id);
  return { ...access, assignedRoleIds: others.length < access.assignedRoleIds.length ? others : [...others, id] };
}

function RoleLine(props: { of: Role; isChosen: boolean; onToggle: () => void }) {
  const role = props.of;
  return (
    <label class="pg role">
      <input type="checkbox" checked={props.isChosen} onChange={props.onToggle} />
      <span class="grow">
        {role.name}
        <small>{role.description}</small>
      </span>
      <Words of={role.permissions} />
    </label>
  );
}
