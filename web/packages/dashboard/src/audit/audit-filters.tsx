import { Button, classes, CloseIcon, FilterIcon, Icon, DownIcon } from "@parlor/ui";
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";

import { AUDIT_RESULTS, type AuditAction, type AuditEntry, type AuditTarget } from "../face/audit.ts";
import { actorOf, NO_FILTER, RANGES, type AuditFilter, type Range } from "../model/audit-filter.ts";
import { OPERATOR } from "../model/people.ts";
import { usePage } from "../page.ts";
import { texts } from "../texts.ts";
import { actorName, ownName, type Names } from "./names.ts";

/** What happens in an organization; the address may name others. */
const USUAL_ACTIONS: readonly AuditAction[] = ["create", "update", "delete", "rotate", "update_access", "accept", "decline", "cancel", "leave", "suspend", "unsuspend", "update_quota"];
const USUAL_TARGETS: readonly AuditTarget[] = ["api_key", "organization_user", "organization_invitation", "organization_role", "organization", "room", "recording", "webhook", "domain", "identity_provider", "audit_log"];

type AuditFiltersProps = {
  filter: AuditFilter;
  /** What is on show: who did it can be chosen, too. */
  entries: readonly AuditEntry[];
  names: Names;
  onChange: (filter: AuditFilter) => void;
};

/** Which entries are on show. On a phone behind a button. */
export function AuditFilters(props: AuditFiltersProps) {
  const { filters } = texts.audit;
  const { filter } = props;
  const [isOpen, setOpen] = useState(false);
  const fields = useId();
  const set = (part: Partial<AuditFilter>) => props.onChange({ ...filter, ...part });
  const count = Object.values({ ...filter, from: filter.from ?? filter.to, to: null }).filter((value) => value !== null).length;
  const actions = withChosen(USUAL_ACTIONS, filter.action).map((one) => [one, texts.audit.verbs[one][0]] as const);
  const targets = withChosen(USUAL_TARGETS, filter.target).map((one) => [one, filters.targets[one]] as const);
  return (
    <section class={classes("filters", isOpen && "open")} aria-label={filters.name}>
      <button type="button" class="btn toggle" aria-expanded={isOpen} aria-controls={fields} onClick={() => setOpen(!isOpen)}>
        <Icon of={FilterIcon} size={17} />
        {filters.open(count)}
      </button>
      <div class="fields" id={fields}>
        <Choice label={filters.actor} none={filters.anybody} options={useActors(props)} chosen={filter.actor} onChoose={(actor) => set({ actor })} />
        <Choice label={filters.action} none={filters.anything} options={actions} chosen={filter.action} onChoose={(action) => set({ action })} />
        <Choice label={filters.target} none={filters.anything} options={targets} chosen={filter.target} onChoose={(target) => set({ target, id: null })} />
        <Choice label={filters.result} none={filters.any} options={AUDIT_RESULTS.map((one) => [one, texts.audit.results[one]] as const)} chosen={filter.result} onChoose={(result) => set({ result })} />
        <When filter={filter} onChange={set} />
        {count > 0 ? <Button look="ghost" onClick={() => props.onChange(NO_FILTER)}>{texts.audit.clear}</Button> : null}
      </div>
      {filter.id === null ? null : <Chip text={props.names.member(filter.id) ?? props.names.invited(filter.id) ?? filter.id} onDrop={() => set({ id: null })} />}
    </section>
  );
}

function withChosen<T>(usual: readonly T[], chosen: T | null): readonly T[] {
  return chosen === null || usual.includes(chosen) ? usual : [...usual, chosen];
}

/** Everybody of the organization, the machine, and who is on show or asked for though they are gone. */
function useActors(props: AuditFiltersProps): readonly (readonly [string, string])[] {
  const { members } = usePage();
  const known = new Map(members.map(({ userId, name, email }) => [userId, texts.audit.addressed(name, email)]));
  known.set(OPERATOR, texts.audit.machine);
  for (const entry of props.entries) {
    const actor = actorOf(entry);
    if (actor !== "" && !known.has(actor)) known.set(actor, actorName(entry, props.names));
  }
  const { actor } = props.filter;
  if (actor !== null && !known.has(actor)) known.set(actor, ownName(actor) ?? actor);
  return [...known];
}

type ChoiceProps<T extends string> = {
  label: string;
  /** What it is called when nothing is chosen. */
  none: string;
  options: readonly (readonly [T, string])[];
  chosen: T | null;
  onChoose: (choice: T | null) => void;
  children?: ComponentChildren;
};

function Choice<T extends string>(props: ChoiceProps<T>) {
  const id = useId();
  return (
    <div class="fl">
      <label for={id}>{props.label}</label>
      <div class={classes("select bare", props.chosen !== null && "on")}>
        <select id={id} value={props.chosen ?? ""} onChange={(event) => props.onChoose((event.currentTarget.value || null) as T | null)}>
          <option value="">{props.none}</option>
          {props.options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select>
        <Icon of={DownIcon} size={16} />
      </div>
    </div>
  );
}

type WhenProps = { filter: AuditFilter; onChange: (part: Partial<AuditFilter>) => void };

/** A range that ends now, two days, or the moment that a link named. */
function When(props: WhenProps) {
  const { filters } = texts.audit;
  const { range, from, to } = props.filter;
  const [isBetween, setBetween] = useState(false);
  const isMoment = Boolean(from?.includes("T"));
  const options: (readonly [Range | "between" | "moment", string])[] = [
    ...(Object.keys(RANGES) as Range[]).map((one) => [one, filters.ranges[one]] as const),
    ["between", filters.between],
    ...(isMoment ? [["moment", filters.moment] as const] : []),
  ];
  const chosen = isMoment ? "moment" : from || to || isBetween ? "between" : range;
  const choose = (choice: Range | "between" | "moment" | null) => {
    setBetween(choice === "between");
    if (choice === "between") props.onChange({ range: null, ...(isMoment ? { from: null, to: null } : {}) });
    else if (choice !== "moment") props.onChange({ range: choice, from: null, to: null });
  };
  return (
    <>
      <Choice label={filters.range} none={filters.always} options={options} chosen={chosen} onChoose={choose} />
      {chosen === "between" ? (
        <>
          <Day label={filters.from} value={from} max={to} onChange={(day) => props.onChange({ from: day, range: null })} />
          <Day label={filters.to} value={to} min={from} onChange={(day) => props.onChange({ to: day, range: null })} />
        </>
      ) : null}
    </>
  );
}

function Day(props: { label: string; value: string | null; min?: string | null; max?: string | null; onChange: (day: string | null) => void }) {
  const id = useId();
  return (
    <div class="fl">
      <label for={id}>{props.label}</label>
      <input id={id} class="input" type="date" value={props.value ?? ""} {...(props.min ? { min: props.min } : {})} {...(props.max ? { max: props.max } : {})} onChange={(event) => props.onChange(event.currentTarget.value || null)} />
    </div>
  );
}

/** What a link of a detail narrowed the list to, and the way back. */
function Chip(props: { text: string; onDrop: () => void }) {
  const { filters } = texts.audit;
  return (
    <button type="button" class="btn s chip" aria-label={filters.drop(props.text)} onClick={props.onDrop}>
      {filters.only(props.text)}
      <Icon of={CloseIcon} size={15} />
    </button>
  );
}
