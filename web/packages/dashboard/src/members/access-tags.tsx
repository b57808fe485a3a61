import type { MemberRole, Role } from "../face/types.ts";
import { Rest } from "../pieces/words.tsx";
import { texts } from "../texts.ts";

/** How many roles are shown before the rest is counted. */
const ROLES_SHOWN = 2;

/** What somebody is, or is invited as: an owner, or a member with roles. */
export function AccessTags(props: { role: MemberRole; roles: readonly Role[] }) {
  if (props.role === "owner") return <span class="tag plain strong">{texts.roles.owner}</span>;
  const names = props.roles.map(({ name }) => name);
  if (names.length === 0) return <span class="mut">{texts.members.noRoles}</span>;
  return (
    <span class="perm">
      {names.slice(0, ROLES_SHOWN).map((name) => <span key={name} class="tag plain">{name}</span>)}
      <Rest of={names.slice(ROLES_SHOWN)} />
    </span>
  );
}
