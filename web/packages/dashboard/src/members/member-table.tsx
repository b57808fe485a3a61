import { Avatar } from "@parlor/ui";

import type { Member, Organization, User } from "../face/types.ts";
import { mayLeave } from "../model/people.ts";
import { dateText } from "../model/times.ts";
import { agoText, Moment } from "../pieces/moment.tsx";
import { RowMenu, type RowAction } from "../pieces/row-menu.tsx";
import { texts } from "../texts.ts";
import { AccessTags } from "./access-tags.tsx";

type MemberTableProps = {
  members: readonly Member[];
  me: User;
  organization: Organization;
  /** Whether the caller may change others, and sees when they were there. */
  isAdmin: boolean;
  now: number;
  onChange: (member: Member) => void;
  /** For who may read the audit log. */
  onAudit?: (member: Member) => void;
  /** Also of the caller, who leaves then. */
  onRemove: (member: Member) => void;
};

/** The members, a row each; on a phone a card each. */
export function MemberTable(props: MemberTableProps) {
  const { columns } = texts.members;
  return (
    <section class="card" aria-label={texts.members.title}>
      <table class="keys people">
        <thead>
          <tr>
            <th scope="col">{columns.person}</th>
            <th scope="col">{columns.role}</th>
            {props.isAdmin ? <th scope="col">{columns.seen}</th> : null}
            <th scope="col" class="hm">{columns.joined}</th>
            <th scope="col" class="r"><span class="vh">{columns.actions}</span></th>
          </tr>
        </thead>
        <tbody>{props.members.map((member) => <Row key={member.userId} of={member} {...props} />)}</tbody>
      </table>
    </section>
  );
}

function Row(props: MemberTableProps & { of: Member }) {
  const member = props.of;
  const isMe = member.userId === props.me.id;
  return (
    <tr>
      <th scope="row">
        <span class="who">
          <Avatar name={member.name} userId={member.userId} size={34} />
          <span>
            <b class="kn">{member.name}{isMe ? <> <span class="tag plain">{texts.members.you}</span></> : null}</b>
            <span class="mail">{member.email}</span>
          </span>
        </span>
      </th>
      <td><AccessTags role={member.role} roles={member.assignedRoles} /></td>
      {props.isAdmin ? <td class="used"><Seen at={member.lastSeenAt} now={props.now} /></td> : null}
      <td class="hm"><Moment at={member.createdAt} text={dateText(Date.parse(member.createdAt))} /></td>
      <td class="r"><RowMenu name={texts.members.actions(member.name)} actions={actionsFor(props)} /></td>
    </tr>
  );
}

function Seen(props: { at: string | undefined; now: number }) {
  if (props.at === undefined) return <span class="mut">{texts.members.notSignedIn}</span>;
  return (
    <>
      <span class="narrow">{texts.members.seen} </span>
      <Moment at={props.at} text={agoText(Date.parse(props.at), props.now)} />
    </>
  );
}

function actionsFor(props: MemberTableProps & { of: Member }): readonly RowAction[] {
  const { onAudit } = props;
  const change = { text: texts.members.change, act: () => props.onChange(props.of) };
  const look = onAudit ? [{ text: texts.members.audit, act: () => onAudit(props.of) }] : [];
  const take = (text: string) => ({ text, act: () => props.onRemove(props.of) });
  const isMe = props.of.userId === props.me.id;
  if (isMe) return [...(props.isAdmin ? [change] : []), ...look, ...(mayLeave(props.me, props.organization) ? [take(texts.members.leave)] : [])];
  return props.isAdmin ? [change, ...look, take(texts.members.remove)] : look;
}
