import type { KeyItem } from "../face/types.ts";
import { expiryState } from "../model/expiry.ts";
import { dateText } from "../model/times.ts";
import { texts } from "../texts.ts";
import { agoText, Moment, untilText } from "../pieces/moment.tsx";
import { RowMenu } from "../pieces/row-menu.tsx";
import { Words } from "../pieces/words.tsx";

type KeyTableProps = {
  keys: readonly KeyItem[];
  now: number;
  /** Who made a key, by user. */
  makerOf: (userId: string) => string;
  /** Whether the caller may rotate it: only its own. */
  isOwn: (key: KeyItem) => boolean;
  onRotate: (key: KeyItem) => void;
  onRevoke: (key: KeyItem) => void;
};

/** The keys, a row each; on a phone a card each. */
export function KeyTable(props: KeyTableProps) {
  const { columns } = texts.keys;
  return (
    <section class="card" aria-label={texts.keys.title}>
      <table class="keys">
        <thead>
          <tr>
            <th scope="col">{columns.key}</th>
            <th scope="col">{columns.may}</th>
            <th scope="col" class="hm">{columns.madeBy}</th>
            <th scope="col">{columns.lastUsed}</th>
            <th scope="col">{columns.expires}</th>
            <th scope="col" class="r"><span class="vh">{columns.actions}</span></th>
          </tr>
        </thead>
        <tbody>{props.keys.map((key) => <Row key={`${key.userId}/${key.name}`} of={key} {...props} />)}</tbody>
      </table>
    </section>
  );
}

function Row(props: KeyTableProps & { of: KeyItem }) {
  const key = props.of;
  return (
    <tr>
      <th scope="row">
        <b class="kn">{key.name}</b>
        <span class="mono mask">{key.value}</span>
      </th>
      <td><Words of={key.permissions} /></td>
      <td class="hm">{props.makerOf(key.userId)}</td>
      <td class="used">
        {key.lastUsedAt === null ? (
          <span class="mut">{texts.keys.neverUsed}</span>
        ) : (
          <>
            <span class="narrow">{texts.keys.used} </span>
            <Moment at={key.lastUsedAt} text={agoText(Date.parse(key.lastUsedAt), props.now)} />
          </>
        )}
      </td>
      <td class="ends"><Expiry of={key.expiresAt} now={props.now} /></td>
      <td class="r"><Actions {...props} /></td>
    </tr>
  );
}

function Expiry(props: { of: string | null; now: number }) {
  const state = expiryState(props.of, props.now);
  if (props.of === null || state.kind === "never") {
    return <span class="mut"><span class="roomy">{texts.keys.never}</span><span class="narrow">{texts.keys.neverEnds}</span></span>;
  }
  switch (state.kind) {
    case "expired":
      return <span class="tag bad"><Moment at={props.of} text={texts.keys.expired} /></span>;
    case "soon":
      return <span class="tag warn"><span class="narrow">{texts.keys.ends} </span><Moment at={props.of} text={untilText(state.inMs)} /></span>;
    case "later":
      return <span><span class="narrow">{texts.keys.ends} </span><Moment at={props.of} text={dateText(Date.parse(props.of))} /></span>;
  }
}

function Actions(props: KeyTableProps & { of: KeyItem }) {
  const isAlive = expiryState(props.of.expiresAt, props.now).kind !== "expired";
  const rotate = { text: texts.keys.rotate, act: () => props.onRotate(props.of) };
  const revoke = { text: texts.keys.revoke, act: () => props.onRevoke(props.of) };
  return <RowMenu name={texts.keys.actions(props.of.name)} actions={props.isOwn(props.of) && isAlive ? [rotate, revoke] : [revoke]} />;
}
