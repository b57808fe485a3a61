import { Button, PlusIcon } from "@parlor/ui";
import { useCallback, useEffect, useState } from "preact/hooks";

import type { KeyItem, MadeKey } from "../face/types.ts";
import { makerName } from "../model/people.ts";
import { useNow, usePage } from "../page.ts";
import { useCarryOut } from "../pieces/carry-out.ts";
import { LoadFailed } from "../pieces/load-failed.tsx";
import { texts } from "../texts.ts";
import { KeyTable } from "./key-table.tsx";
import { MadeKeyDialog } from "./made-key.tsx";
import { NewKeyDialog } from "./new-key.tsx";
import { RevokeDialog } from "./revoke-key.tsx";
import { RotateDialog } from "./rotate-key.tsx";

/** What stands in front of the list. */
export type OpenDialog =
  | { readonly kind: "new" }
  | { readonly kind: "made"; readonly key: MadeKey; readonly before: { readonly until: number } | null }
  | { readonly kind: "rotate" | "revoke"; readonly key: KeyItem };

/** The API keys of the chosen organization. */
export function KeysPage(props: { initial?: OpenDialog }) {
  const page = usePage();
  const { keys, error, load } = useKeys();
  const [open, setOpen] = useState<OpenDialog | null>(props.initial ?? null);
  const [said, setSaid] = useState("");
  return (
    <>
      <header class="top">
        <h1 tabIndex={-1}>{texts.keys.title}</h1>
        <div class="acts"><Button look="filled" icon={PlusIcon} onClick={() => setOpen({ kind: "new" })}>{texts.keys.make}</Button></div>
      </header>
      <main class="body" id="main">
        <p class="lead">{texts.keys.lead(page.organization.name)}</p>
        <List keys={keys} error={error} again={load} onOpen={setOpen} />
        <p class="said" role="status">{said}</p>
      </main>
      {open ? (
        <Front
          open={open}
          onOpen={setOpen}
          onChange={(words) => {
            setSaid(words);
            load();
          }}
        />
      ) : null}
    </>
  );
}

/** The keys; `null` until they are here. */
function useKeys() {
  const { face, organization } = usePage();
  const [keys, setKeys] = useState<readonly KeyItem[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    setError(null);
    face.keys(organization.id).then(setKeys, setError);
  }, [face, organization.id]);
  useEffect(load, [load]);
  return { keys, error, load };
}

function List(props: { keys: readonly KeyItem[] | null; error: unknown; again: () => void; onOpen: (open: OpenDialog) => void }) {
  const page = usePage();
  const now = useNow();
  if (props.error !== null) {
    return <LoadFailed what={texts.keys.failed} error={props.error} again={props.again} />;
  }
  if (props.keys === null) return <div class="card wait" aria-busy="true"><p>{texts.loading}</p></div>;
  if (props.keys.length === 0) return <Empty />;
  return (
    <KeyTable
      keys={props.keys}
      now={now}
      makerOf={(userId) => makerName(userId, page.me, page.members, { machine: texts.keys.machine, gone: texts.keys.formerMember })}
      isOwn={(key) => key.userId === page.me.id}
      onRotate={(key) => props.onOpen({ kind: "rotate", key })}
      onRevoke={(key) => props.onOpen({ kind: "revoke", key })}
    />
  );
}

function Empty() {
  return (
    <section class="card empty">
      <p>{texts.keys.empty}</p>
      <pre class="code" tabIndex={0} aria-label={texts.made.example}>parlor api-key create &quot;game server&quot; --permissions write:rooms,create:tokens</pre>
    </section>
  );
}

/** Carries out what the dialog in front asks for. */
function Front(props: { open: OpenDialog; onOpen: (open: OpenDialog | null) => void; onChange: (said: string) => void }) {
  const page = usePage();
  const now = useNow();
  const { open } = props;
  const { isBusy, refusal, forget, carryOut: start } = useCarryOut();
  const close = () => {
    forget();
    props.onOpen(null);
  };
  const carryOut = <T,>(name: string, work: () => Promise<T>, then: (done: T) => void) => start({ taken: texts.failures.taken(name), gone: texts.keys.gone }, work, then);
  const show = (key: MadeKey, before: { readonly until: number } | null) => {
    props.onOpen({ kind: "made", key, before });
    props.onChange("");
  };
  const common = { now, isBusy, refusal, onClose: close };
  switch (open.kind) {
    case "new":
      return (
        <NewKeyDialog
          {...common}
          held={page.held}
          onMake={(key) => void carryOut(key.name, () => page.face.makeKey(page.organization.id, key), (made) => show(made, null))}
        />
      );
    case "rotate":
      return (
        <RotateDialog
          {...common}
          of={open.key}
          onRotate={(seconds) => void carryOut(open.key.name, () => page.face.rotateKey(page.organization.id, open.key.name, seconds), (made) => show(made, { until: Date.now() + seconds * 1000 }))}
        />
      );
    case "revoke": {
      const revoked = () => {
        close();
        props.onChange(texts.revoke.done(open.key.name));
      };
      return <RevokeDialog {...common} of={open.key} onRevoke={() => void carryOut(open.key.name, () => page.face.revokeKey(page.organization.id, open.key.userId, open.key.name), revoked)} />;
    }
    case "made":
      return <MadeKeyDialog of={open.key} before={open.before} now={now} origin={page.origin} onClose={close} />;
  }
}
