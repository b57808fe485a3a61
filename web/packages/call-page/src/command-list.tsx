import { useId, useState } from "preact/hooks";

import { commandsOf } from "./commands.ts";
import { usePage } from "./page.ts";

/** Type what to do, choose with the arrow keys, Enter does it. */
export function CommandList() {
  const page = usePage();
  const { commands: texts } = page.language.texts;
  const list = useId();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const wanted = query.trim().toLocaleLowerCase();
  const found = commandsOf(page).filter((command) => command.name.toLocaleLowerCase().includes(wanted));
  const chosen = found[Math.min(at, found.length - 1)];
  const run = (command: (typeof found)[number]) => {
    page.ui.update({ dialog: null });
    command.run();
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      run(chosen);
    }
  };
  return (
    <div class="commands">
      <input
        class="input"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen ? `${list}-${found.indexOf(chosen)}` : undefined}
        aria-label={texts.search}
        placeholder={texts.search}
        autofocus
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={move}
      />
      <ul id={list} role="listbox" aria-label={texts.name}>
        {found.map((command, index) => (
          <li key={command.name} id={`${list}-${index}`} role="option" aria-selected={command === chosen} onClick={() => run(command)}>
            <span>{command.name}</span>
            {command.key === undefined ? null : <kbd class="kbd">{command.key}</kbd>}
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="none" role="status">{texts.none(query)}</p> : null}
    </div>
  );
}
