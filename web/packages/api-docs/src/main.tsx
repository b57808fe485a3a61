import { applyTheme, storedTheme } from "@parlor/ui";
import { render } from "preact";

import { App } from "./app.tsx";
import "./styles/docs.css";

applyTheme(storedTheme());
const root = document.getElementById("app");
if (root) render(<App />, root);
