/** Shows one scene: `?scene=call-grid&theme=dark&lang=de`. For eyes and checks; never shipped. */
import { render } from "preact";

import { App } from "../src/app.tsx";
import { speak } from "../src/language.ts";
import { compareRank, NOBODY } from "../src/model/order.ts";
import { Page, PageProvider } from "../src/page.ts";
import { listen } from "../src/rhythm.ts";
import { en } from "../src/texts/en.ts";
import { lengthen } from "./long-words.ts";
import { SCENES } from "./scenes.ts";
import { ScriptedCall } from "./scripted-call.ts";
import "../src/styles/page.css";

const query = new URLSearchParams(location.search);
if (query.has("long")) lengthen(en);
const make = SCENES[query.get("scene") ?? ""];
const root = document.getElementById("app");
if (make && root) {
  const scene = make();
  const call = new ScriptedCall(scene.script);
  const address = { url: "https://studio.parlor.example/design-review", room: "design-review", host: "studio.parlor.example", token: null };
  const page = new Page(call, address);
  const order = [...call.state.participants.values()].map((person) => ({ id: person.id, isOwner: person.isOwner, hasVideo: person.tracks["cam-video"].state === "playable", joinedAt: 0 })).sort(compareRank);
  const arrangement = { ...NOBODY, order: order.map((person) => person.id) };
  const theme = query.get("theme");
  if (theme) document.documentElement.dataset["theme"] = theme;
  page.ui.update({ ...scene.ui, arrangement, theme: theme === "dark" || theme === "light" ? theme : "system" });
  const lang = query.get("lang");
  if (lang) void speak(page, lang);
  listen(page);
  render(<PageProvider value={page}><App /></PageProvider>, root);
} else if (root) {
  const list = Object.keys(SCENES).map((name) => <li key={name}><a href={`?scene=${name}`}>{name}</a></li>);
  render(<ul>{list}</ul>, root);
}
