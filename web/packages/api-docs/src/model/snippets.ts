import type { Entry } from "./catalog.ts";
import { curlOf, filledIn } from "./curl.ts";
import { examplesOf, jsonOf, type Json } from "./openapi.ts";

/** The languages in which a call is shown. */
export const LANGUAGES = ["curl", "JavaScript", "Python"] as const;

/** One of them. */
export type Language = (typeof LANGUAGES)[number];

/** The call in that language, against `origin`. */
export function snippetOf(language: Language, entry: Entry, origin: string): string {
  switch (language) {
    case "curl":
      return curlOf(entry, origin);
    case "JavaScript":
      return javascriptOf(entry, origin);
    case "Python":
      return pythonOf(entry, origin);
  }
}

function addressOf(entry: Entry, origin: string): string {
  return JSON.stringify(origin + filledIn(entry.path, entry.operation.parameters ?? []));
}

function bodyOf(entry: Entry): Json | undefined {
  return examplesOf(jsonOf(entry.operation.requestBody?.content))[0];
}

function javascriptOf(entry: Entry, origin: string): string {
  const body = bodyOf(entry);
  const lines = [
    `const response = await fetch(${addressOf(entry, origin)}, {`,
    ...(entry.method === "GET" ? [] : [`  method: "${entry.method}",`]),
    "  headers: { authorization: `Bearer ${process.env.PARLOR_API_KEY}` },",
    ...(body === undefined ? [] : [`  body: JSON.stringify(${indented(JSON.stringify(body, null, 2), "  ")}),`]),
    "});",
    "console.log(response.status, await response.json());",
  ];
  return lines.join("\n");
}

/** With nothing but Python's own library. */
function pythonOf(entry: Entry, origin: string): string {
  const body = bodyOf(entry);
  const lines = [
    "import json, os, urllib.request",
    "",
    "request = urllib.request.Request(",
    `    ${addressOf(entry, origin)},`,
    ...(entry.method === "GET" ? [] : [`    method="${entry.method}",`]),
    `    headers={"Authorization": f"Bearer {os.environ['PARLOR_API_KEY']}"},`,
    ...(body === undefined ? [] : [`    data=json.dumps(${indented(pythonText(body), "    ")}).encode(),`]),
    ")",
    "print(json.load(urllib.request.urlopen(request)))",
  ];
  return lines.join("\n");
}

function indented(text: string, by: string): string {
  return text.replaceAll("\n", `\n${by}`);
}

/** The value as Python spells it. */
function pythonText(value: Json, indent = ""): string {
  const deeper = `${indent}    `;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const isList = Array.isArray(value);
  const entries = isList
    ? (value as readonly Json[]).map((item) => pythonText(item, deeper))
    : Object.entries(value as Record<string, Json>).map(([name, item]) => `${JSON.stringify(name)}: ${pythonText(item, deeper)}`);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return open + close;
  return `${open}\n${entries.map((entry) => `${deeper}${entry},\n`).join("")}${indent}${close}`;
}
