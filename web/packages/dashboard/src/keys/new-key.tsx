import { Button, classes, Dialog, DownIcon, Icon } from "@parlor/ui";
import type { KeyPermission } from "@parlor/protocol";
import { useId, useRef, useState } from "preact/hooks";

import type { NewKey } from "../face/types.ts";
import { EXPIRY_CHOICES, momentOf, type ExpiryChoice } from "../model/expiry.ts";
import { draftFaults, type Draft, type DraftFault } from "../model/draft.ts";
import { allows, EVERYTHING, RESOURCES, wordOf, wordsOf, type Choices, type Resource } from "../model/permissions.ts";
import { dateText } from "../model/times.ts";
import { texts } from "../texts.ts";
import { Segmented } from "../pieces/segmented.tsx";

type NewKeyProps = {
  now: number;
  /** What the person holds: nobody gives a key more. */
  held: readonly KeyPermission[];
  isBusy: boolean;
  /** Why the server refused, in words. */
  refusal: string | null;
  onMake: (key: NewKey) => void;
  onClose: () => void;
};

const INITIAL: Draft = { name: "", expiry: "90", date: "", isEverything: false, choices: {} };

/** The form of a new key. */
export function NewKeyDialog(props: NewKeyProps) {
  const { create } = texts;
  const [draft, setDraft] = useState(INITIAL);
  const [isTried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const faults = isTried ? draftFaults(draft, props.now) : [];
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    const found = draftFaults(draft, props.now);
    if (found.length === 0) props.onMake(keyOf(draft, props.now));
    else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true], .faults a")?.focus());
  };
  return (
    <Dialog title={create.title} closeName={texts.close} onClose={props.onClose}>
      <form ref={form} class="make" noValidate onSubmit={submit}>
        <div class="dlg-c">
          <Faults of={faults} refusal={props.refusal} />
          <div class="two">
            <NameField draft={draft} faults={faults} onChange={change} />
            <ExpiryField draft={draft} faults={faults} now={props.now} onChange={change} />
          </div>
          <Scope draft={draft} faults={faults} held={props.held} onChange={change} />
        </div>
        <div class="dlg-f">
          <Button onClick={props.onClose}>{texts.cancel}</Button>
          <Button look="filled" isSubmit isBusy={props.isBusy}>{create.submit}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function keyOf(draft: Draft, now: number): NewKey {
  const permissions = draft.isEverything ? [EVERYTHING] : wordsOf(draft.choices);
  const moment = momentOf(draft.expiry, draft.date, now);
  const base = { name: draft.name.trim(), permissions };
  return typeof moment === "number" ? { ...base, expiresAt: new Date(moment).toISOString() } : base;
}

/** What keeps the key from being made; with two faults or more, links to their fields. */
function Faults(props: { of: readonly DraftFault[]; refusal: string | null }) {
  if (props.refusal !== null) return <p class="note bad" role="alert">{props.refusal}</p>;
  if (props.of.length < 2) return null;
  return (
    <div class="note bad faults" role="alert">
      <div>
        <b>{texts.create.errors.summary}</b>
        <ul>{props.of.map((fault) => <li key={fault.field}><a href={`#new-key-${fault.field}`} onClick={leadTo(`new-key-${fault.field}`)}>{texts.create.errors[fault.text]}</a></li>)}</ul>
      </div>
    </div>
  );
}

/** The fragment of the address is the page's, so the link moves the focus itself. */
function leadTo(id: string) {
  return (event: Event) => {
    event.preventDefault();
    document.getElementById(id)?.focus();
  };
}

type FieldProps = { draft: Draft; faults: readonly DraftFault[]; onChange: (part: Partial<Draft>) => void };

function Hint(props: { id: string; fault: DraftFault | undefined; text?: string }) {
  if (props.fault) return <p class="hint bad" id={props.id}>{texts.create.errors[props.fault.text]}</p>;
  return props.text === undefined ? null : <p class="hint" id={props.id}>{props.text}</p>;
}

function NameField(props: FieldProps) {
  const hint = useId();
  const fault = props.faults.find((one) => one.field === "name");
  return (
    <div>
      <label class="label" for="new-key-name">{texts.create.name}</label>
      <input
        id="new-key-name"
        class="input"
        autofocus
        autocomplete="off"
        spellcheck={false}
        value={props.draft.name}
        aria-invalid={fault ? "true" : undefined}
        aria-describedby={hint}
        onInput={(event) => props.onChange({ name: event.currentTarget.value })}
      />
      <Hint id={hint} fault={fault} text={texts.create.nameHint} />
    </div>
  );
}

function ExpiryField(props: FieldProps & { now: number }) {
  const hint = useId();
  const { expiry, date } = props.draft;
  const fault = props.faults.find((one) => one.field === "date");
  return (
    <div>
      <label class="label" for="new-key-expiry">{texts.create.expires}</label>
      <div class="select bare">
        <select id="new-key-expiry" value={expiry} onChange={(event) => props.onChange({ expiry: event.currentTarget.value as ExpiryChoice })}>
          {EXPIRY_CHOICES.map((choice) => <option key={choice} value={choice}>{expiryText(choice, props.now)}</option>)}
        </select>
        <Icon of={DownIcon} size={16} />
      </div>
      {expiry === "date" ? (
        <div class="last-day">
          <label class="label" for="new-key-date">{texts.create.date}</label>
          <input
            id="new-key-date"
            class="input"
            type="date"
            value={date}
            min={new Date(props.now).toISOString().slice(0, 10)}
            aria-invalid={fault ? "true" : undefined}
            aria-describedby={fault ? hint : undefined}
            onInput={(event) => props.onChange({ date: event.currentTarget.value })}
          />
          <Hint id={hint} fault={fault} />
        </div>
      ) : null}
    </div>
  );
}

function expiryText(choice: ExpiryChoice, now: number): string {
  const text = texts.create.expiry[choice];
  const moment = momentOf(choice, "", now);
  return typeof text === "string" ? text : text(typeof moment === "number" ? dateText(moment) : "");
}

function Scope(props: FieldProps & { held: readonly KeyPermission[] }) {
  const { create } = texts;
  const hint = useId();
  const { draft, held } = props;
  const fault = props.faults.find((one) => one.field === "may");
  const mayAll = allows(held, EVERYTHING);
  const within = RESOURCES.filter((resource) => resource.levels.some(([, word]) => allows(held, word)));
  const rows = (list: readonly Resource[]) => list.map((resource) => <ResourceRow key={resource.id} of={resource} held={held} choices={draft.choices} onChange={props.onChange} />);
  const rare = within.filter((resource) => !resource.isUsual);
  return (
    <div>
      <div class="may-h">
        <p class="label" id="new-key-may" tabIndex={-1}>{create.may}</p>
        {mayAll ? (
          <Segmented
            name={create.may}
            options={[["chosen", create.scopes.chosen], ["everything", create.scopes.everything]]}
            chosen={draft.isEverything ? "everything" : "chosen"}
            onChoose={(scope) => props.onChange({ isEverything: scope === "everything" })}
          />
        ) : null}
      </div>
      {draft.isEverything ? (
        <p class="note warn"><span>{create.everythingText} <span class="mono">{EVERYTHING}</span></span></p>
      ) : (
        <div class={classes("pgs", fault && "bad")} role="group" aria-label={create.may} aria-describedby={fault ? hint : undefined}>
          {rows(within.filter((resource) => resource.isUsual))}
          {rare.length > 0 ? (
            <details>
              <summary>{create.less}</summary>
              {rows(rare)}
            </details>
          ) : null}
        </div>
      )}
      {draft.isEverything ? null : <Hint id={hint} fault={fault} />}
    </div>
  );
}

function ResourceRow(props: { of: Resource; held: readonly KeyPermission[]; choices: Choices; onChange: (part: Partial<Draft>) => void }) {
  const { create } = texts;
  const resource = props.of;
  const chosen = props.choices[resource.id] ?? "none";
  const name = create.resources[resource.id];
  const levels = resource.levels.filter(([, word]) => allows(props.held, word));
  return (
    <div class="pg">
      <span>
        {name}
        <small class="mono">{wordOf(resource, chosen) ?? ""}</small>
      </span>
      <Segmented
        name={name}
        options={[["none", create.levels.none], ...levels.map(([level]) => [level, create.levels[level]] as const)]}
        chosen={chosen}
        onChoose={(level) => props.onChange({ choices: { ...props.choices, [resource.id]: level } })}
      />
    </div>
  );
}
