import type { Invitation } from "../face/types.ts";
import { expiryState } from "../model/expiry.ts";
import { dateText } from "../model/times.ts";
import { LoadFailed } from "../pieces/load-failed.tsx";
import { Moment, untilText } from "../pieces/moment.tsx";
import { RowMenu, type RowAction } from "../pieces/row-menu.tsx";
import { texts } from "../texts.ts";
import { AccessTags } from "./access-tags.tsx";

type InvitationTableProps = {
  /** Those that wait; `null` until they are here. */
  invitations: readonly Invitation[] | null;
  error: unknown;
  again: () => void;
  now: number;
  /** Their links, of those that are known. */
  links: ReadonlyMap<string, string>;
  onCopy: (invitation: Invitation, url: string) => void;
  onOpen: (kind: "change" | "renew" | "cancel", invitation: Invitation) => void;
};

/** Who is invited and has not answered. */
export function InvitationTable(props: InvitationTableProps) {
  const { invitations: words } = texts;
  return (
    <section class="under" aria-labelledby="invitations">
      <h2 id="invitations">{words.title}</h2>
      {props.error === null ? <List {...props} /> : <LoadFailed what={words.failed} error={props.error} again={props.again} />}
    </section>
  );
}

function List(props: InvitationTableProps) {
  const { columns, none } = texts.invitations;
  if (props.invitations === null) return <div class="card wait" aria-busy="true"><p>{texts.loading}</p></div>;
  if (props.invitations.length === 0) return <div class="card wait"><p>{none}</p></div>;
  return (
    <div class="card">
      <table class="keys people">
        <thead>
          <tr>
            <th scope="col">{columns.email}</th>
            <th scope="col">{columns.role}</th>
            <th scope="col" class="hm">{columns.by}</th>
            <th scope="col">{columns.expires}</th>
            <th scope="col" class="r"><span class="vh">{columns.actions}</span></th>
          </tr>
        </thead>
        <tbody>{props.invitations.map((one) => <Row key={one.id} of={one} {...props} />)}</tbody>
      </table>
    </div>
  );
}

function Row(props: InvitationTableProps & { of: Invitation }) {
  const { invitations: words } = texts;
  const invitation = props.of;
  const by = invitation.invitedBy || words.machine;
  return (
    <tr>
      <th scope="row"><b class="kn">{invitation.email}</b></th>
      <td><AccessTags role={invitation.role} roles={invitation.assignedRoles} /></td>
      <td class="hm">{by}</td>
      <td class="ends"><End of={invitation} now={props.now} /></td>
      <td class="r"><RowMenu name={words.actions(invitation.email)} actions={actionsFor(props)} /></td>
    </tr>
  );
}

function End(props: { of: Invitation; now: number }) {
  const { expiresAt } = props.of;
  const state = expiryState(expiresAt, props.now);
  switch (state.kind) {
    case "expired":
      return <span class="tag bad"><Moment at={expiresAt} text={texts.invitations.expired} /></span>;
    case "soon":
      return <span><span class="narrow">{texts.keys.ends} </span><Moment at={expiresAt} text={untilText(state.inMs)} /></span>;
    default:
      return <span><span class="narrow">{texts.keys.ends} </span><Moment at={expiresAt} text={dateText(Date.parse(expiresAt))} /></span>;
  }
}

function actionsFor(props: InvitationTableProps & { of: Invitation }): readonly RowAction[] {
  const { invitations: words } = texts;
  const url = props.links.get(props.of.id);
  const open = (text: string, kind: "change" | "renew" | "cancel") => ({ text, act: () => props.onOpen(kind, props.of) });
  const link = url === undefined ? open(words.renew, "renew") : { text: words.copy, act: () => props.onCopy(props.of, url) };
  return [link, open(words.change, "change"), open(words.cancel, "cancel")];
}
