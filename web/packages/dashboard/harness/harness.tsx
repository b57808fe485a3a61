/** Shows one scene: `?scene=keys-list&theme=dark`. For eyes and checks; never shipped. */
import { render } from "preact";

import { App } from "../src/app.tsx";
import { SCENES } from "./scenes.ts";
import { ScriptedFace } from "./scripted-face.ts";
import "../src/styles/index.css";

const stay = () => {};

const query = new URLSearchParams(location.search);
const make = SCENES[query.get("scene") ?? ""];
const root = document.getElementById("app");
const theme = query.get("theme");
if (theme) document.documentElement.dataset["theme"] = theme;
if (make && root) {
  const { script, initial, start } = make();
  render(<App face={new ScriptedFace(script)} origin="https://studio.parlor.example" start={start ?? "/dashboard"} signOut={stay} signIn={stay} {...(initial ? { initial } : {})} />, root);
} else if (root) {
  const list = Object.keys(SCENES).map((name) => <li key={name}><a href={`?scene=${name}`}>{name}</a></li>);
  render(<ul>{list}</ul>, root);
}
