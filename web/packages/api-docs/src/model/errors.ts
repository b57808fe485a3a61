import { examplesOf, jsonOf, resolveAnswer, type Document, type Json, type Operation } from "./openapi.ts";

/** One way in which an operation fails. */
export interface Failure {
  readonly status: string;
  readonly meaning: string;
  /** What the answer says: its stable kind, and a text for people. */
  readonly cases: readonly { readonly kind: string; readonly info: string }[];
}

/** All of an operation's failures, by status. */
export function failuresOf(operation: Operation, document: Document): readonly Failure[] {
  return Object.entries(operation.responses)
    .filter(([status]) => !status.startsWith("2"))
    .map(([status, given]) => {
      const answer = resolveAnswer(given, document);
      return { status, meaning: answer.description ?? "", cases: examplesOf(jsonOf(answer.content)).map(caseOf) };
    });
}

function caseOf(example: Json): { kind: string; info: string } {
  const field = (name: string) => {
    const value = example !== null && typeof example === "object" && !Array.isArray(example) ? (example as Record<string, Json>)[name] : undefined;
    return typeof value === "string" ? value : "";
  };
  return { kind: field("error"), info: field("info") };
}
