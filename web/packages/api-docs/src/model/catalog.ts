import type { Document, Operation } from "./openapi.ts";

/** One operation, with where it is. */
export interface Entry {
  /** Its name, and the page's fragment. */
  readonly id: string;
  readonly method: string;
  /** With the base, as requests spell it: `/v1/rooms/{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly operation: Operation;
}

/** The operations about one thing. */
export interface Subject {
  readonly tag: string;
  readonly title: string;
  readonly description: string;
  readonly entries: readonly Entry[];
}

const METHODS = ["get", "post", "put", "patch", "delete"];

/** The document's operations by subject, in the document's order of subjects. */
export function catalogOf(document: Document): readonly Subject[] {
  const base = document.servers?.[0]?.url ?? "";
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      return operation ? [entryOf(base, path, method, operation)] : [];
    }),
  );
  const tags = document.tags ?? [];
  const subjects = tags.map(({ name, description }) => ({
    tag: name,
    title: titleOf(name),
    description: description ?? "",
    entries: inOrder(entries.filter((entry) => entry.operation.tags?.[0] === name), `${base}/${name}`),
  }));
  return subjects.filter((subject) => subject.entries.length > 0);
}

/** The subject's own address comes before others that are about it, such as those for batches. */
function inOrder(entries: readonly Entry[], own: string): readonly Entry[] {
  const isOwn = (entry: Entry) => entry.path === own || entry.path.startsWith(`${own}/`);
  return [...entries.filter(isOwn), ...entries.filter((entry) => !isOwn(entry))];
}

function entryOf(base: string, path: string, method: string, operation: Operation): Entry {
  const summary = operation.summary ?? operation.operationId;
  return { id: operation.operationId, method: method.toUpperCase(), path: base + path.replace(/\/$/, ""), summary, operation };
}

function titleOf(tag: string): string {
  const words = tag.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The operation of that name. */
export function entryById(subjects: readonly Subject[], id: string): Entry | undefined {
  return subjects.flatMap((subject) => subject.entries).find((entry) => entry.id === id);
}

/** What has every word of the query in its name, address, text or subject. */
export function filtered(subjects: readonly Subject[], query: string): readonly Subject[] {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return subjects;
  const matches = (subject: Subject, entry: Entry) => {
    const text = [entry.method, entry.path, entry.id, entry.summary, subject.title, entry.operation["x-permission"]].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return subjects
    .map((subject) => ({ ...subject, entries: subject.entries.filter((entry) => matches(subject, entry)) }))
    .filter((subject) => subject.entries.length > 0);
}
