import type { Entry } from "./catalog.ts";
import { examplesOf, jsonOf, type Json, type Parameter } from "./openapi.ts";

/** The call as a command for a shell, against `origin`. */
export function curlOf(entry: Entry, origin: string): string {
  const { method, operation } = entry;
  const body = examplesOf(jsonOf(operation.requestBody?.content))[0];
  const address = quoted(origin + filledIn(entry.path, operation.parameters ?? []));
  const lines = [
    method === "GET" ? `curl ${address}` : `curl -X ${method} ${address}`,
    `-H "Authorization: Bearer $PARLOR_API_KEY"`,
    ...(body === undefined ? [] : [`-H "Content-Type: application/json"`, `-d ${quoted(JSON.stringify(body, null, 2))}`]),
  ];
  return lines.join(" \\\n  ");
}

/** The path with examples for its variable segments, and the query that must be there. */
export function filledIn(path: string, parameters: readonly Parameter[]): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const example = parameters.find((parameter) => parameter.in === "path" && parameter.name === name)?.example;
    return example === undefined ? whole : encodeURIComponent(text(example));
  });
  const query = parameters
    .filter((parameter) => parameter.in === "query" && parameter.example !== undefined)
    .map((parameter) => `${parameter.name}=${encodeURIComponent(text(parameter.example ?? ""))}`);
  return query.length === 0 ? filled : `${filled}?${query.join("&")}`;
}

function text(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Safe in a POSIX shell. */
function quoted(value: string): string {
  return /^[\w:/.,@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
