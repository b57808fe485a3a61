import { Button, CloseIcon, CopyIcon, copyText, Icon, IconButton, LeftIcon, LinkIcon } from "@parlor/ui";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import type { AuditEntry } from "../face/audit.ts";
import { actorOf, linkTo, NO_FILTER, resultOf, type AuditFilter } from "../model/audit-filter.ts";
import { addressOf } from "../model/place.ts";
import { exactText } from "../model/times.ts";
import { usePage } from "../page.ts";
import { agoText } from "../pieces/moment.tsx";
import { texts } from "../texts.ts";
import { credentialOf, programOf } from "./credential.ts";
import { actorAddress, actorName, type Names } from "./names.ts";
import { Result } from "./result.tsx";
import { Said } from "./said.tsx";
import { rolesIn, sentenceOf } from "./sentence.ts";

type AuditDetailProps = {
  of: AuditEntry;
  names: Names;
  now: number;
  onFilter: (filter: AuditFilter) => void;
  onClose: () => void;
};

/** Everything that an entry says. Beside the list on a desk, in its place on less. */
export function AuditDetail(props: AuditDetailProps) {
  const { detail } = texts.audit;
  const entry = props.of;
  return (
    <section
      class="card entry"
      aria-label={detail.name}
      onKeyDown={(event) => {
        if (event.key === "Escape") props.onClose();
      }}
    >
      <button type="button" class="btn ghost s back" onClick={props.onClose}>
        <Icon of={LeftIcon} size={16} />
        {detail.back}
      </button>
      <header>
        <h2 tabIndex={-1}><Said of={sentenceOf(entry, props.names)} /></h2>
        <span class="shut"><IconButton name={detail.close} icon={CloseIcon} tip="none" onClick={props.onClose} /></span>
      </header>
      <Facts {...props} />
      <Asked of={entry} names={props.names} />
      <Actions {...props} />
    </section>
  );
}

function Facts(props: AuditDetailProps) {
  const { detail } = texts.audit;
  const entry = props.of;
  const at = Date.parse(entry.createdAt);
  const address = actorAddress(entry, props.names);
  const result = resultOf(entry.statusCode);
  return (
    <dl>
      <Fact name={detail.when}><time class="num" dateTime={entry.createdAt}>{exactText(at)}</time><small>{agoText(at, props.now)}</small></Fact>
      <Fact name={detail.who}>{actorName(entry, props.names)}{address === null ? null : <small>{address}</small>}</Fact>
      <Fact name={detail.with}>{credentialOf(entry)}</Fact>
      <Fact name={detail.from}>{entry.ipAddress === "" ? null : <span class="num">{entry.ipAddress}</span>}<small title={entry.userAgent}>{programOf(entry)}</small></Fact>
      <Fact name={detail.action}><span class="mono">{entry.action}</span></Fact>
      <Fact name={detail.target}><span class="mono">{entry.targetType}</span>{entry.targetId === "" ? null : <small class="mono">{entry.targetId}</small>}</Fact>
      <Fact name={detail.result}>
        <Result of={result} />
        {entry.statusCode === null ? null : <small>{detail.status(entry.statusCode)}</small>}
        {result === "unknown" ? <small>{detail.unknown}</small> : entry.errorMessage === null ? null : <small>{entry.errorMessage}</small>}
      </Fact>
      <Fact name={detail.id}><span class="mono">{entry.id}</span></Fact>
    </dl>
  );
}

/** A name and what it is; nothing of what an entry does not have. */
function Fact(props: { name: string; children: ComponentChildren }) {
  if (props.children === null || props.children === "") return null;
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Asked(props: { of: AuditEntry; names: Names }) {
  const { detail } = texts.audit;
  const { application: _shownAbove, ...asked } = props.of.metadata;
  const roles = rolesIn(props.of, props.names);
  if (Object.keys(asked).length === 0) return null;
  return (
    <div class="asked">
      <h3>{detail.more}</h3>
      {roles.length > 0 ? <p>{detail.roles}: {roles.join(", ")}</p> : null}
      <pre class="code" tabIndex={0} aria-label={detail.more}>{JSON.stringify(asked, null, 2)}</pre>
    </div>
  );
}

function Actions(props: AuditDetailProps) {
  const page = usePage();
  const { detail } = texts.audit;
  const entry = props.of;
  const [said, setSaid] = useState("");
  const copy = (text: string) => void copyText(text).then((isDone) => setSaid(isDone ? detail.copied : detail.copyFailed));
  const actor = actorOf(entry);
  return (
    <footer>
      <Button size="s" icon={LinkIcon} onClick={() => copy(page.origin + addressOf("audit") + linkTo(entry, page.organization.id))}>{detail.copyLink}</Button>
      <Button size="s" icon={CopyIcon} onClick={() => copy(new Date(entry.createdAt).toISOString())}>{detail.copyTime}</Button>
      {actor === "" ? null : <Button size="s" onClick={() => props.onFilter({ ...NO_FILTER, actor })}>{detail.sameActor}</Button>}
      {isOne(entry, page.organization.id) ? <Button size="s" onClick={() => props.onFilter({ ...NO_FILTER, target: entry.targetType, id: entry.targetId })}>{detail.sameTarget}</Button> : null}
      <span role="status">{said}</span>
    </footer>
  );
}

/** Whether it was done to one thing: what is only made has no id, and the organization stands in its place. */
function isOne(entry: AuditEntry, organization: string): boolean {
  return entry.targetId !== "" && (entry.targetId !== organization || entry.targetType === "organization");
}
