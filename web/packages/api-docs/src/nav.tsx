import { applyTheme, classes, Icon, Mark, SearchIcon, storedTheme, type Theme } from "@parlor/ui";
import { useEffect, useRef, useState } from "preact/hooks";

import { ADDRESS } from "./document.ts";
import { filtered, type Entry, type Subject } from "./model/catalog.ts";
import type { Document } from "./model/openapi.ts";
import { texts } from "./texts.ts";

type NavProps = {
  subjects: readonly Subject[];
  chosen: string;
  document: Document;
  /** Whether Ctrl K leads to the search. */
  hasKeys?: boolean;
  onChoose?: () => void;
};

/** Search, the operations by subject, and the choice of theme. */
export function Nav(props: NavProps) {
  const [query, setQuery] = useState("");
  const shown = filtered(props.subjects, query);
  const count = shown.reduce((sum, subject) => sum + subject.entries.length, 0);
  return (
    <div class="nav">
      <a class="home" href="#" onClick={props.onChoose}>
        <Mark />
        <span><b>{texts.product}</b><small>{texts.version(props.document.info.version)}</small></span>
      </a>
      <Search query={query} hasKeys={props.hasKeys ?? false} onInput={setQuery} />
      <p class="vh" role="status">{query === "" ? "" : texts.found(count)}</p>
      <nav aria-label={texts.nav}>
        {shown.map((subject) => (
          <section key={subject.tag}>
            <h2>{subject.title}</h2>
            <ul>{subject.entries.map((entry) => <Line key={entry.id} entry={entry} isChosen={entry.id === props.chosen} onChoose={props.onChoose} />)}</ul>
          </section>
        ))}
        {shown.length === 0 ? (
          <p class="none">
            {texts.nothing(query)} <button type="button" class="link" onClick={() => setQuery("")}>{texts.clear}</button>
          </p>
        ) : null}
      </nav>
      <footer>
        <ThemeChoice />
        <a href={ADDRESS}>{texts.download}</a>
      </footer>
    </div>
  );
}

function Search(props: { query: string; hasKeys: boolean; onInput: (query: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!props.hasKeys) return;
    const lead = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener("keydown", lead);
    return () => document.removeEventListener("keydown", lead);
  }, [props.hasKeys]);
  return (
    <div class="find">
      <Icon of={SearchIcon} size={16} />
      <input
        ref={input}
        class="input"
        type="search"
        value={props.query}
        placeholder={texts.search}
        aria-label={texts.search}
        spellcheck={false}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && props.query !== "") {
            event.preventDefault();
            event.stopPropagation();
            props.onInput("");
          }
        }}
      />
      {props.hasKeys ? <kbd class="kbd" aria-hidden="true">{texts.searchHint}</kbd> : null}
    </div>
  );
}

function Line(props: { entry: Entry; isChosen: boolean; onChoose: (() => void) | undefined }) {
  const { entry } = props;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (props.isChosen) link.current?.scrollIntoView({ block: "nearest" });
  }, [props.isChosen]);
  return (
    <li>
      <a ref={link} href={`#${entry.id}`} aria-current={props.isChosen ? "page" : undefined} onClick={props.onChoose}>
        <span>{entry.summary}</span>
        <Method of={entry.method} isSmall />
      </a>
    </li>
  );
}

/** A method as a word on its colour. */
export function Method(props: { of: string; isSmall?: boolean }) {
  return <span class={classes("method", props.of.toLowerCase(), props.isSmall && "s")}>{props.isSmall && props.of === "DELETE" ? "DEL" : props.of}</span>;
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];

function ThemeChoice() {
  const [theme, setTheme] = useState(storedTheme);
  const choose = (wish: Theme) => {
    applyTheme(wish);
    setTheme(wish);
  };
  return (
    <div class="seg" role="group" aria-label={texts.theme}>
      {THEMES.map((one) => (
        <button key={one} type="button" aria-pressed={one === theme} onClick={() => choose(one)}>{texts.themes[one]}</button>
      ))}
    </div>
  );
}
