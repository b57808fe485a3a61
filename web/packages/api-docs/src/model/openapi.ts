/** As much of an OpenAPI 3.1 document as the page shows. */

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A schema, or a reference to one. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly default?: Json;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

/** The body of a request or an answer. */
export interface Media {
  readonly schema?: Schema;
  readonly example?: Json;
  readonly examples?: Readonly<Record<string, { readonly value?: Json }>>;
}

/** An answer, or a reference to one. */
export interface Answer {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

/** What may stand in the path or the query. */
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly schema?: Schema;
  readonly example?: Json;
}

/** One operation. */
export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly description?: string; readonly content?: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Answer>>;
  readonly "x-permission"?: string;
  readonly "x-rate-limit-class"?: string;
  readonly "x-not-implemented"?: string;
}

/** How many requests a class admits. */
export interface RateLimit {
  readonly requests: number;
  readonly seconds: number;
}

/** The whole document. */
export interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly responses?: Readonly<Record<string, Answer>>;
  };
  readonly "x-rate-limits"?: Readonly<Record<string, RateLimit>>;
}

/** What a reference leads to, in the document. */
export function resolveSchema(schema: Schema, document: Document): Schema {
  const name = schema.$ref?.split("/").at(-1);
  const found = name === undefined ? undefined : document.components?.schemas?.[name];
  // What stands beside a reference says more about this use of it.
  return found ? { ...found, ...(schema.description === undefined ? {} : { description: schema.description }) } : schema;
}

/** What a reference to an answer leads to. */
export function resolveAnswer(answer: Answer, document: Document): Answer {
  const name = answer.$ref?.split("/").at(-1);
  return (name === undefined ? undefined : document.components?.responses?.[name]) ?? answer;
}

/** The JSON body among the kinds of content. */
export function jsonOf(content: Readonly<Record<string, Media>> | undefined): Media | undefined {
  return content?.["application/json"];
}

/** The examples of a body, the first one first. */
export function examplesOf(media: Media | undefined): readonly Json[] {
  if (media?.example !== undefined) return [media.example];
  return Object.values(media?.examples ?? {}).flatMap((example) => (example.value === undefined ? [] : [example.value]));
}
