import { HourglassIcon, Icon, LinkIcon, readKept, writeKept } from "@parlor/ui";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { CodeBlock, CopyButton, JsonText } from "./code-block.tsx";
import { FieldList } from "./field-list.tsx";
import type { Entry } from "./model/catalog.ts";
import { failuresOf, type Failure } from "./model/errors.ts";
import { fieldsOf, type Field } from "./model/fields.ts";
import { examplesOf, jsonOf, type Document, type Media } from "./model/openapi.ts";
import { LANGUAGES, snippetOf, type Language } from "./model/snippets.ts";
import { Method } from "./nav.tsx";
import { Prose, withCode } from "./prose.tsx";
import { texts } from "./texts.ts";

/** Everything about one operation: in words at the left, as code at the right. */
export function OperationPage(props: { entry: Entry; subject: string; document: Document }) {
  const { entry, document } = props;
  const { operation } = entry;
  const answer = jsonOf(operation.responses["200"]?.content);
  const body = jsonOf(operation.requestBody?.content);
  return (
    <article class="op">
      <header>
        <p class="crumb">{props.subject}</p>
        <h1 tabIndex={-1}>{entry.summary}</h1>
        <p class="addr">
          <Method of={entry.method} />
          <code>{entry.path.split(/(?=\/)/).map((part) => <span key={part}>{part}<wbr /></span>)}</code>
          <CopyButton text={() => `${location.origin}${location.pathname}#${entry.id}`} name={texts.copyLink} icon={LinkIcon} />
        </p>
        {operation.description === undefined ? null : <Prose class="lead" text={operation.description} />}
        {operation["x-not-implemented"] === undefined ? null : <Lack reason={operation["x-not-implemented"]} />}
        <Facts entry={entry} document={document} />
      </header>
      <Samples entry={entry} answer={answer} />
      <div class="parts">
        <Part id="path" title={texts.path} fields={parametersOf(entry, "path", document)} />
        <Part id="query" title={texts.query} fields={parametersOf(entry, "query", document)} />
        {body ? <Part id="request" title={texts.request} note={operation.requestBody?.description} fields={fieldsOf(body.schema, document)} isShownEmpty /> : null}
        <Part id="answer" title={`${texts.response} 200`} note={operation.responses["200"]?.description} fields={fieldsOf(answer?.schema, document)} isShownEmpty />
        <Errors failures={failuresOf(operation, document)} />
      </div>
    </article>
  );
}

function Lack(props: { reason: string }) {
  return (
    <div class="note warn">
      <Icon of={HourglassIcon} />
      <p><b>{texts.notImplemented}</b> {texts.notImplementedHint(props.reason)}</p>
    </div>
  );
}

function Facts(props: { entry: Entry; document: Document }) {
  const { operation } = props.entry;
  const permission = operation["x-permission"];
  const rateClass = operation["x-rate-limit-class"];
  const limit = rateClass === undefined ? undefined : props.document["x-rate-limits"]?.[rateClass];
  return (
    <dl class="facts">
      {permission === undefined ? null : <Fact term={texts.permission} value={permission} hint={texts.permissionHint} />}
      {rateClass === undefined ? null : <Fact term={texts.rateClass} value={rateClass} hint={limit ? texts.rate(limit.requests, limit.seconds) : ""} />}
      <Fact term={texts.operationId} value={operation.operationId} hint={texts.operationIdHint} />
    </dl>
  );
}

function Fact(props: { term: string; value: string; hint: string }) {
  return (
    <div>
      <dt>{props.term}</dt>
      <dd><code>{props.value}</code><small>{props.hint}</small></dd>
    </div>
  );
}

function Samples(props: { entry: Entry; answer: Media | undefined }) {
  const [language, setLanguage] = useState(keptLanguage);
  const choose = (wish: Language) => {
    writeKept(LANGUAGE_KEY, wish);
    setLanguage(wish);
  };
  const call = snippetOf(language, props.entry, location.origin);
  const [example] = examplesOf(props.answer);
  return (
    <aside class="samples" aria-label={texts.example}>
      <CodeBlock title={texts.call} label={language} text={call} choice={<LanguageChoice chosen={language} choose={choose} />}>{call}</CodeBlock>
      {example === undefined ? null : (
        <CodeBlock title={texts.example} label="200" text={JSON.stringify(example, null, 2)}><JsonText of={example} /></CodeBlock>
      )}
    </aside>
  );
}

/** Where this browser keeps the language of the calls. */
const LANGUAGE_KEY = "parlor.docs.language";

function keptLanguage(): Language {
  const kept = readKept(LANGUAGE_KEY);
  return LANGUAGES.find((language) => language === kept) ?? "curl";
}

function LanguageChoice(props: { chosen: Language; choose: (language: Language) => void }) {
  return (
    <div class="seg" role="group" aria-label={texts.language}>
      {LANGUAGES.map((language) => (
        <button key={language} type="button" aria-pressed={language === props.chosen} onClick={() => props.choose(language)}>{language}</button>
      ))}
    </div>
  );
}

function parametersOf(entry: Entry, place: string, document: Document): readonly Field[] {
  const parameters = (entry.operation.parameters ?? []).filter((parameter) => parameter.in === place);
  const properties = Object.fromEntries(parameters.map((one) => [one.name, { ...one.schema, ...(one.description === undefined ? {} : { description: one.description }) }]));
  const required = parameters.filter((parameter) => parameter.required).map((parameter) => parameter.name);
  return fieldsOf({ type: "object", properties, required }, document);
}

type PartProps = { id: string; title: string; note?: string | undefined; fields: readonly Field[]; isShownEmpty?: boolean };

function Part(props: PartProps) {
  if (props.fields.length === 0 && !props.isShownEmpty) return null;
  return (
    <Section id={props.id} title={props.title} note={props.note}>
      {props.fields.length === 0 ? <p class="none">{texts.noFields}</p> : <FieldList fields={props.fields} />}
    </Section>
  );
}

function Section(props: { id: string; title: string; note?: string | undefined; children: ComponentChildren }) {
  return (
    <section class="part" aria-labelledby={`part-${props.id}`}>
      <h2 id={`part-${props.id}`}>{props.title}</h2>
      {props.note === undefined || props.note === "" ? null : <Prose class="sub" text={props.note} />}
      {props.children}
    </section>
  );
}

function Errors(props: { failures: readonly Failure[] }) {
  return (
    <Section id="errors" title={texts.errors}>
      <div class="card">
        <table class="errors">
          <thead><tr><th scope="col">{texts.status}</th><th scope="col">{texts.meaning}</th><th scope="col">{texts.says}</th></tr></thead>
          <tbody>
            {props.failures.map((failure) => (
              <tr key={failure.status}>
                <th scope="row" class="num">{failure.status}</th>
                <td><Prose text={failure.meaning} /></td>
                <td>{failure.cases.map((one) => <p key={one.info}><code>{one.kind}</code> {withCode(one.info)}</p>)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
