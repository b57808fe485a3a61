import type { KeyPermission } from "@parlor/protocol";
import { Icon, LockIcon } from "@parlor/ui";

import { administrators } from "../model/people.ts";
import type { PlaceId } from "../model/place.ts";
import { usePage } from "../page.ts";
import { texts } from "../texts.ts";

/** A page that the person may not see: what they lack for it, and who can give it to them. */
export function NotAllowed(props: { place: PlaceId; permission: KeyPermission }) {
  const page = usePage();
  const { notAllowed } = texts;
  const who = administrators(page.members);
  return (
    <>
      <header class="top"><h1 tabIndex={-1}>{texts.nav.places[props.place]}</h1></header>
      <main class="body" id="main">
        <section class="card locked">
          <Icon of={LockIcon} size={20} />
          <div>
            <p>{notAllowed.text(page.organization.name)} <span class="tag plain mono">{props.permission}</span>.</p>
            <p>{who.length > 0 ? notAllowed.who : notAllowed.nobody}</p>
            <ul>{who.map((one) => <li key={one.userId}><b>{one.name}</b> <a href={`mailto:${one.email}`}>{one.email}</a></li>)}</ul>
          </div>
        </section>
      </main>
    </>
  );
}
