import type { Field } from "./model/fields.ts";
import { Prose } from "./prose.tsx";
import { texts } from "./texts.ts";

/** More than this many options are folded away. */
const MANY_OPTIONS = 8;

/** The fields of a body, each with what it is and what it may be. */
export function FieldList(props: { fields: readonly Field[] }) {
  return <ul class="fields">{props.fields.map((field) => <FieldRow key={field.name} field={field} />)}</ul>;
}

function FieldRow(props: { field: Field }) {
  const { field } = props;
  return (
    <li>
      <p class="head">
        <code class="name">{field.name}</code>
        <span class="type">{field.type}</span>
        {field.isRequired ? <span class="must">{texts.required}</span> : null}
        {field.isNullable ? <span class="type">{texts.nullable}</span> : null}
      </p>
      {field.description === "" ? null : <Prose text={field.description} />}
      <Bounds field={field} />
      {field.fields.length === 0 ? null : (
        <details>
          <summary>{texts.fields(field.fields.length)}<span class="vh"> {field.name}</span></summary>
          <FieldList fields={field.fields} />
        </details>
      )}
    </li>
  );
}

function Bounds(props: { field: Field }) {
  const { limits, options, standard } = props.field;
  if (limits.length === 0 && options.length === 0 && standard === undefined) return null;
  return (
    <p class="bounds">
      {limits.map((limit) => <span key={limit}>{limit}</span>)}
      {options.length === 0 ? null : <span>{texts.options} <Options of={options} /></span>}
      {standard === undefined ? null : <span>{texts.standard} <code>{standard}</code></span>}
    </p>
  );
}

function Options(props: { of: readonly string[] }) {
  const first = props.of.slice(0, MANY_OPTIONS);
  return (
    <>
      {first.map((option, index) => <span key={option}>{index === 0 ? "" : ", "}<code>{option}</code></span>)}
      {props.of.length > MANY_OPTIONS ? `, … (${props.of.length})` : ""}
    </>
  );
}
