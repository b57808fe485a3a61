import { Button, Dialog, Icon, Mark, MenuIcon } from "@parlor/ui";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { useDocument } from "./document.ts";
import { useFragment } from "./fragment.ts";
import { catalogOf, entryById, type Subject } from "./model/catalog.ts";
import type { Document } from "./model/openapi.ts";
import { Nav } from "./nav.tsx";
import { OperationPage } from "./operation-page.tsx";
import { Overview } from "./overview.tsx";
import { texts } from "./texts.ts";

/** The whole page: the list of operations, and one of them. */
export function App() {
  const loaded = useDocument();
  switch (loaded.state) {
    case "loading":
      return <p class="wait" role="status">{texts.loading}</p>;
    case "failed":
      return (
        <main class="wait">
          <h1>{texts.failed}</h1>
          <Button look="filled" onClick={loaded.again}>{texts.retry}</Button>
        </main>
      );
    case "here":
      return <Reference document={loaded.document} />;
  }
}

function Reference(props: { document: Document }) {
  const subjects = useMemo(() => catalogOf(props.document), [props.document]);
  const fragment = useFragment();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [fragment]);
  return (
    <div class="app">
      <a class="skip" href="#main" onClick={skipTo}>{texts.skip}</a>
      <header class="bar">
        <a class="home" href="#"><Mark size={24} /> {texts.product}</a>
        <Button size="s" onClick={() => setOpen(true)}>
          <Icon of={MenuIcon} size={16} /> {texts.browse}
        </Button>
      </header>
      <aside class="side" aria-label={texts.nav}>
        <Nav subjects={subjects} chosen={fragment} document={props.document} hasKeys />
      </aside>
      {isOpen ? (
        <Dialog title={texts.nav} closeName={texts.close} look="sheet" onClose={() => setOpen(false)}>
          <div class="sheet-b">
            <Nav subjects={subjects} chosen={fragment} document={props.document} onChoose={() => setOpen(false)} />
          </div>
        </Dialog>
      ) : null}
      <Main document={props.document} subjects={subjects} fragment={fragment} />
    </div>
  );
}

/** The fragment belongs to the operations, so the skip link moves the focus itself. */
function skipTo(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("main h1")?.focus();
}

function Main(props: { document: Document; subjects: readonly Subject[]; fragment: string }) {
  const { subjects, fragment } = props;
  const entry = fragment === "" ? undefined : entryById(subjects, fragment);
  const title = entry?.summary ?? texts.title;
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} · Parlor`;
    // Who comes here from elsewhere begins at the top; who moves on, at the new title.
    if (!isFirst.current) {
      window.scrollTo(0, 0);
      document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [fragment, title]);
  return (
    <main class="main" id="main">
      {entry ? (
        <OperationPage key={entry.id} entry={entry} subject={subjects.find((subject) => subject.entries.includes(entry))?.title ?? ""} document={props.document} />
      ) : (
        <Overview document={props.document} subjects={subjects} isUnknown={fragment !== ""} />
      )}
    </main>
  );
}
