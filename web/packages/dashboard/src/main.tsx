import { applyTheme, storedTheme } from "@parlor/ui";
import { render } from "preact";

import { App } from "./app.tsx";
import { Access } from "./face/access.ts";
import { HttpFace } from "./face/http-face.ts";
import "./styles/index.css";

applyTheme(storedTheme());
const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
const root = document.getElementById("app");

/** A form like that of the account pages: the session ends, and the sign-in page comes. */
function signOut(): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/account/sign-out";
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "csrf";
  field.value = csrf;
  form.append(field);
  document.body.append(form);
  form.submit();
}

function signIn(): void {
  location.assign(`/account/sign-in?continue=${encodeURIComponent(location.pathname + location.search)}`);
}

if (root) render(<App face={new HttpFace(new Access(csrf))} origin={location.origin} start={location.pathname + location.search} signOut={signOut} signIn={signIn} />, root);
