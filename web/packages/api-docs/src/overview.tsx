import { CodeBlock, JsonText } from "./code-block.tsx";
import type { Subject } from "./model/catalog.ts";
import type { Document } from "./model/openapi.ts";
import { Method } from "./nav.tsx";
import { Prose } from "./prose.tsx";
import { texts } from "./texts.ts";

const REFUSED = { error: "not-found", info: "room standup not found" };

/** What holds for every operation, and all of them at a glance. */
export function Overview(props: { document: Document; subjects: readonly Subject[]; isUnknown: boolean }) {
  const { document } = props;
  const first = `curl ${location.origin}/v1/rooms \\\n  -H "Authorization: Bearer $PARLOR_API_KEY"`;
  const limits = Object.entries(document["x-rate-limits"] ?? {});
  return (
    <article class="op">
      <header>
        <h1 tabIndex={-1}>{texts.title}</h1>
        {props.isUnknown ? <p class="note" role="status">{texts.unknown}</p> : null}
        <Prose class="lead" text={document.info.description ?? ""} />
      </header>
      <aside class="samples" aria-label={texts.start}>
        <CodeBlock title={texts.start} label="curl" text={first}>{first}</CodeBlock>
        <CodeBlock title={texts.errors} label="404" text={JSON.stringify(REFUSED, null, 2)}><JsonText of={REFUSED} /></CodeBlock>
      </aside>
      <div class="parts">
        <section class="part">
          <h2>{texts.start}</h2>
          <Prose text={texts.startText} />
          <Prose text={texts.bodies} />
        </section>
        <section class="part">
          <h2>{texts.limits}</h2>
          <Prose text={texts.limitsText} />
          <dl class="facts">
            {limits.map(([name, limit]) => (
              <div key={name}><dt>{name}</dt><dd>{texts.rateRow(limit.requests, limit.seconds)}</dd></div>
            ))}
          </dl>
        </section>
        {props.subjects.map((subject) => <SubjectCard key={subject.tag} subject={subject} />)}
      </div>
    </article>
  );
}

function SubjectCard(props: { subject: Subject }) {
  const { subject } = props;
  return (
    <section class="part" aria-labelledby={`subject-${subject.tag}`}>
      <h2 id={`subject-${subject.tag}`}>{subject.title}</h2>
      <p class="sub">{subject.description}</p>
      <ul class="card list">
        {subject.entries.map((entry) => (
          <li key={entry.id}>
            <a href={`#${entry.id}`}>
              <Method of={entry.method} />
              <code>{entry.path}</code>
              <span>{entry.summary}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
