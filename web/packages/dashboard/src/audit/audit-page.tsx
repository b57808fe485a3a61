import { Button, IconButton, RefreshIcon } from "@parlor/ui";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import type { AuditPage as Part } from "../face/audit.ts";
import { askedFor, filterOf, isNarrow, NO_FILTER, queryOf, type AuditFilter } from "../model/audit-filter.ts";
import { addressOf } from "../model/place.ts";
import { useNow, usePage } from "../page.ts";
import { LoadFailed } from "../pieces/load-failed.tsx";
import { texts } from "../texts.ts";
import { AuditDetail } from "./audit-detail.tsx";
import { AuditFilters } from "./audit-filters.tsx";
import { AuditTable } from "./audit-table.tsx";
import { CheckDialog } from "./check.tsx";
import { useNames } from "./names.ts";

/** Who did what in the chosen organization. Filters, page and entry live in the address. */
export function AuditPage() {
  const page = usePage();
  const { query } = page.address;
  const filter = filterOf(query);
  const before = query.get("before");
  const chosen = query.get("entry");
  const names = useNames();
  const { part, error, load } = usePart(filter, before);
  const [isChecking, setChecking] = useState(false);
  const list = useFocusOnEntry(chosen);
  const now = useNow();
  const show = (more: Parameters<typeof queryOf>[1], how: "push" | "replace" = "push") => page.go(addressOf("audit") + queryOf(filter, more), how);
  const narrow = (to: AuditFilter) => page.go(addressOf("audit") + queryOf(to));
  const entry = part?.items.find(({ id }) => id === chosen) ?? null;
  return (
    <>
      <header class="top">
        <h1 tabIndex={-1}>{texts.audit.title}</h1>
        <div class="acts">
          <IconButton name={texts.audit.refresh} icon={RefreshIcon} tip="below" onClick={load} />
          <Button onClick={() => setChecking(true)}>{texts.audit.check}</Button>
        </div>
      </header>
      <main class={entry ? "body split open" : "body split"} id="main">
        <div class="list" ref={list}>
          <p class="lead">{texts.audit.lead(page.organization.name)}</p>
          <AuditFilters filter={filter} entries={part?.items ?? []} names={names} onChange={narrow} />
          {chosen !== null && part !== null && entry === null ? <p class="note" role="status">{texts.audit.detail.missing}</p> : null}
          {error !== null ? (
            <LoadFailed what={texts.audit.failed} error={error} again={load} />
          ) : part === null ? (
            <div class="card wait" aria-busy="true"><p>{texts.loading}</p></div>
          ) : part.items.length === 0 ? (
            <Empty isNarrow={isNarrow(filter) || before !== null} onClear={() => narrow(NO_FILTER)} />
          ) : (
            <>
              <Newer part={part} filter={filter} isFirst={before === null} onShow={load} />
              <AuditTable entries={part.items} chosen={chosen} names={names} now={now} addressOf={(id) => addressOf("audit") + queryOf(filter, { before, entry: id })} onChoose={(id) => show({ before, entry: id }, chosen === null ? "push" : "replace")} />
              <Foot part={part} isFirst={before === null} onNewest={() => show({})} onOlder={(token) => show({ before: token })} />
            </>
          )}
        </div>
        {entry ? <AuditDetail key={entry.id} of={entry} names={names} now={now} onFilter={narrow} onClose={() => show({ before })} /> : null}
      </main>
      {isChecking ? <CheckDialog onClose={() => setChecking(false)} /> : null}
    </>
  );
}

/** A part of the log; `null` until it is here. What is on show stays while another part comes. */
function usePart(filter: AuditFilter, before: string | null) {
  const { face, organization } = usePage();
  const [part, setPart] = useState<Part | null>(null);
  const [error, setError] = useState<unknown>(null);
  const wanted = useRef(0);
  const load = useCallback(() => {
    wanted.current += 1;
    const mine = wanted.current;
    const isWanted = () => mine === wanted.current;
    setError(null);
    face.audit(organization.id, askedFor(filter, before, Date.now())).then(
      (found) => (isWanted() ? setPart(found) : undefined),
      (reason: unknown) => (isWanted() ? setError(reason) : undefined),
    );
  }, [face, organization.id, queryOf(filter, { before })]);
  useEffect(load, [load]);
  return { part, error, load };
}

/** Where the entry stands in for the list, it gets the focus; when it closes, its row has it again. */
function useFocusOnEntry(chosen: string | null) {
  const list = useRef<HTMLDivElement>(null);
  const last = useRef(chosen);
  useEffect(() => {
    const before = last.current;
    last.current = chosen;
    if (chosen !== null && list.current?.offsetParent === null) document.querySelector<HTMLElement>(".entry h2")?.focus();
    else if (chosen === null && before !== null) list.current?.querySelector<HTMLElement>(`[data-entry="${CSS.escape(before)}"]`)?.focus();
  }, [chosen]);
  return list;
}

/** How many entries came while somebody was away. The list itself never moves under the pointer. */
function Newer(props: { part: Part; filter: AuditFilter; isFirst: boolean; onShow: () => void }) {
  const { face, organization } = usePage();
  const { part, filter, isFirst } = props;
  const [found, setFound] = useState<{ readonly count: number; readonly isAll: boolean } | null>(null);
  useEffect(() => {
    setFound(null);
    if (!isFirst) return;
    const look = () => {
      const known = part.items[0]?.id;
      face.audit(organization.id, askedFor(filter, null, Date.now())).then(
        ({ items }) => {
          const at = items.findIndex(({ id }) => id === known);
          setFound({ count: at === -1 ? items.length : at, isAll: at !== -1 });
        },
        // What is on show stays; who asks for more is told.
        () => setFound(null),
      );
    };
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [face, organization.id, part, isFirst, queryOf(filter)]);
  return (
    <div class="newer" role="status">
      {found === null || found.count === 0 ? null : <Button size="s" onClick={props.onShow}>{texts.audit.newer(found.count, found.isAll)}</Button>}
    </div>
  );
}

function Empty(props: { isNarrow: boolean; onClear: () => void }) {
  return (
    <section class="card empty">
      <p>{props.isNarrow ? texts.audit.nothing : texts.audit.empty}</p>
      {props.isNarrow ? <Button size="s" onClick={props.onClear}>{texts.audit.clear}</Button> : null}
    </section>
  );
}

function Foot(props: { part: Part; isFirst: boolean; onNewest: () => void; onOlder: (token: string) => void }) {
  const { nextToken, items, total } = props.part;
  return (
    <div class="foot">
      <p class="num" role="status">{texts.audit.count(items.length, total)}</p>
      {props.isFirst ? null : <Button size="s" onClick={props.onNewest}>{texts.audit.newest}</Button>}
      {nextToken === undefined ? null : <Button size="s" onClick={() => props.onOlder(nextToken)}>{texts.audit.older}</Button>}
    </div>
  );
}
