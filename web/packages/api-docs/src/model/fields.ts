import { resolveSchema, type Document, type Json, type Schema } from "./openapi.ts";

/** One field of a body, ready to be shown. */
export interface Field {
  readonly name: string;
  /** In words: "integer", "list of strings", "one of 2 forms". */
  readonly type: string;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
  readonly description: string;
  /** "1 to 200", "at most 128 characters". */
  readonly limits: readonly string[];
  /** The only values there are, as JSON. */
  readonly options: readonly string[];
  readonly standard: string | undefined;
  /** Its own fields, if it is an object or a list of such. */
  readonly fields: readonly Field[];
}

/** Deeper than this, a schema is shown by name only. */
const MAX_DEPTH = 5;

/** The fields of an object's schema; of a list's, those of its items. */
export function fieldsOf(schema: Schema | undefined, document: Document, depth = 0): readonly Field[] {
  if (schema === undefined || depth >= MAX_DEPTH) return [];
  const { schema: shape } = withoutNull(resolveSchema(schema, document), document);
  if (shape.items) return fieldsOf(shape.items, document, depth);
  if (shape.allOf) return shape.allOf.flatMap((part) => fieldsOf(part, document, depth));
  const alternatives = shape.oneOf ?? shape.anyOf;
  if (alternatives) return alternatives.map((one) => fieldsOf(one, document, depth)).find((fields) => fields.length > 0) ?? [];
  const named = Object.entries(shape.properties ?? {}).map(([name, field]) => fieldOf(name, field, shape.required?.includes(name) ?? false, document, depth));
  const rest = shape.additionalProperties;
  return typeof rest === "object" ? [...named, fieldOf("…", rest, false, document, depth)] : named;
}

function fieldOf(name: string, given: Schema, isRequired: boolean, document: Document, depth: number): Field {
  const { schema, isNullable } = withoutNull(resolveSchema(given, document), document);
  return {
    name,
    type: typeOf(schema, document),
    isRequired,
    isNullable,
    description: given.description ?? schema.description ?? "",
    limits: limitsOf(schema),
    options: (schema.enum ?? schema.items?.enum ?? []).filter((value) => value !== null).map(shown),
    standard: given.default === undefined || given.default === null ? undefined : shown(given.default),
    fields: fieldsOf(schema, document, depth + 1),
  };
}

/** The schema as it is when there is a value, and whether there may be none. */
function withoutNull(schema: Schema, document: Document): { schema: Schema; isNullable: boolean } {
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  if (types.includes("null") && types.length > 1) {
    const rest = types.filter((type) => type !== "null");
    return { schema: { ...schema, type: rest.length === 1 ? (rest[0] ?? rest) : rest }, isNullable: true };
  }
  const alternatives = schema.oneOf ?? schema.anyOf ?? [];
  const rest = alternatives.filter((one) => one.type !== "null");
  if (rest.length === alternatives.length) return { schema, isNullable: false };
  const [only] = rest;
  if (rest.length === 1 && only) return { schema: resolveSchema(only, document), isNullable: true };
  const { anyOf: _, ...others } = schema;
  return { schema: { ...others, oneOf: rest }, isNullable: true };
}

/** The type in words. */
export function typeOf(given: Schema, document: Document): string {
  const { schema } = withoutNull(resolveSchema(given, document), document);
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) return [...new Set(alternatives.map((one) => typeOf(one, document)))].join(" or ");
  if (schema.allOf) return "object";
  if (schema.items) return `list of ${plural(typeOf(schema.items, document))}`;
  if (typeof schema.additionalProperties === "object") return `map of ${plural(typeOf(schema.additionalProperties, document))}`;
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : (schema.type ?? "any value");
  return schema.format === undefined || schema.format === "double" ? String(type) : `${type} (${schema.format})`;
}

function plural(type: string): string {
  return type === "any value" ? "any values" : type.replace(/^\w+/, (word) => (word === "map" || word === "list" ? `${word}s` : `${word}s`));
}

function limitsOf(schema: Schema): readonly string[] {
  return [
    range(schema.minimum, schema.maximum, ""),
    range(schema.minLength, schema.maxLength, " characters"),
    range(schema.minItems, schema.maxItems, " entries"),
    schema.pattern === undefined || schema.pattern.length > 60 ? "" : `matches ${schema.pattern}`,
  ].filter((text) => text !== "");
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  if (from !== undefined && to !== undefined) return `${from} to ${to}${unit}`;
  if (from !== undefined) return `at least ${from}${unit}`;
  return to === undefined ? "" : `at most ${to}${unit}`;
}

function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
