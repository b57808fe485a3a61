import { useRef } from "preact/hooks";

import type { AuditEntry } from "../face/audit.ts";
import { resultOf } from "../model/audit-filter.ts";
import { Moment, recentText } from "../pieces/moment.tsx";
import { texts } from "../texts.ts";
import { credentialOf, programOf } from "./credential.ts";
import { actorAddress, actorName, type Names } from "./names.ts";
import { Result } from "./result.tsx";
import { Said } from "./said.tsx";
import { sentenceOf } from "./sentence.ts";

type AuditTableProps = {
  entries: readonly AuditEntry[];
  /** The entry whose detail is open. */
  chosen: string | null;
  names: Names;
  now: number;
  addressOf: (entry: string) => string;
  onChoose: (entry: string) => void;
};

/** The entries, newest first; on a phone a card each. J and K move, Enter opens. */
export function AuditTable(props: AuditTableProps) {
  const { columns } = texts.audit;
  const body = useRef<HTMLTableSectionElement>(null);
  return (
    <section class="card" aria-label={texts.audit.title}>
      <table class="keys log">
        <thead>
          <tr>
            <th scope="col">{columns.when}</th>
            <th scope="col">{columns.who}</th>
            <th scope="col">{columns.what}</th>
            <th scope="col" class="hm from">{columns.from}</th>
            <th scope="col">{columns.result}</th>
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={(event) => moveAmongRows(event, body.current)}>
          {props.entries.map((entry) => <Row key={entry.id} of={entry} {...props} />)}
        </tbody>
      </table>
    </section>
  );
}

function Row(props: AuditTableProps & { of: AuditEntry }) {
  const entry = props.of;
  const isChosen = entry.id === props.chosen;
  const address = actorAddress(entry, props.names);
  const choose = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    props.onChoose(entry.id);
  };
  return (
    <tr class={isChosen ? "chosen" : undefined} onClick={choose}>
      <td class="when"><Moment at={entry.createdAt} text={recentText(Date.parse(entry.createdAt), props.now)} /></td>
      <td class="actor">
        <span class="kn">{actorName(entry, props.names)}</span>
        {address === null ? null : <small class="mut address">{address}</small>}
        <small class="mut">{credentialOf(entry)}</small>
      </td>
      <th scope="row">
        <a href={props.addressOf(entry.id)} data-entry={entry.id} aria-current={isChosen ? "true" : undefined}>
          <Said of={sentenceOf(entry, props.names)} />
        </a>
      </th>
      <td class="hm from">
        <span class="num">{entry.ipAddress}</span>
        <small class="mut">{programOf(entry)}</small>
      </td>
      <td class="came"><Result of={resultOf(entry.statusCode)} /></td>
    </tr>
  );
}

function moveAmongRows(event: KeyboardEvent, body: HTMLElement | null): void {
  const by = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
  if (by === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...(body?.querySelectorAll<HTMLElement>("[data-entry]") ?? [])];
  const at = links.findIndex((link) => link === document.activeElement);
  links[at + by]?.focus();
}
