/** What a key may do, as the form asks for it: a level for each resource. */
import { KEY_PERMISSIONS, type KeyPermission } from "@parlor/protocol";

/** The word that allows everything: the classic key. */
export const EVERYTHING: KeyPermission = "admin:organization";

/** How much a key may do with a resource. */
export type Level = "none" | "read" | "write" | "create" | "act" | "manage";

/** Something a key may be allowed to use. */
export interface Resource {
  readonly id: ResourceId;
  /** The permission of each level, least first; `none` stands before them. */
  readonly levels: readonly (readonly [Exclude<Level, "none">, KeyPermission])[];
  /** Whether it is on show before one asks for more. */
  readonly isUsual: boolean;
}

/** The resources, in the order of the form. */
const TABLE = {
  rooms: ["usual", { read: "read:rooms", write: "write:rooms" }],
  calls: ["usual", { act: "write:calls" }],
  tokens: ["usual", { create: "create:tokens" }],
  meetings: ["usual", { read: "read:meetings" }],
  recordings: ["usual", { read: "read:recordings", write: "write:recordings" }],
  webhooks: ["usual", { read: "read:webhooks", write: "write:webhooks" }],
  logs: ["usual", { read: "read:logs" }],
  domain: ["usual", { read: "read:domain", write: "write:domain" }],
  sandboxes: ["usual", { read: "read:sandboxes", write: "write:sandboxes" }],
  transcripts: ["rare", { read: "read:transcripts", write: "write:transcripts" }],
  telephony: ["rare", { read: "read:telephony", write: "write:telephony" }],
  snapshots: ["rare", { read: "read:snapshots", write: "write:snapshots" }],
  volumes: ["rare", { read: "read:volumes", write: "write:volumes" }],
  registries: ["rare", { read: "read:registries", write: "write:registries" }],
  regions: ["rare", { write: "write:regions" }],
  runners: ["rare", { read: "read:runners", write: "write:runners" }],
  apiKeys: ["rare", { manage: "manage:api_keys" }],
  secrets: ["rare", { manage: "manage:secrets" }],
  audit: ["rare", { read: "read:audit_logs" }],
  limits: ["rare", { read: "read:limits" }],
  sso: ["rare", { manage: "manage:sso" }],
  billing: ["rare", { read: "read:billing", manage: "manage:billing" }],
} as const satisfies Record<string, readonly ["usual" | "rare", Partial<Record<Exclude<Level, "none">, KeyPermission>>]>;

/** The name of a resource in the texts. */
export type ResourceId = keyof typeof TABLE;

/** Every resource. */
export const RESOURCES: readonly Resource[] = (Object.entries(TABLE) as [ResourceId, readonly [string, Record<string, KeyPermission>]][]).map(([id, [kind, levels]]) => ({
  id,
  levels: Object.entries(levels) as [Exclude<Level, "none">, KeyPermission][],
  isUsual: kind === "usual",
}));

/** The chosen level of each resource; absent is `none`. */
export type Choices = Partial<Record<ResourceId, Level>>;

/** The words that the choices come to, in the order of the table. */
export function wordsOf(choices: Choices): KeyPermission[] {
  const words = RESOURCES.map((resource) => wordOf(resource, choices[resource.id] ?? "none"));
  return words.filter((word) => word !== null);
}

/** The word of one level of a resource; none for `none`. */
export function wordOf(resource: Resource, level: Level): KeyPermission | null {
  return resource.levels.find(([one]) => one === level)?.[1] ?? null;
}

/** Whether holding `held` means holding `wanted`: `admin:organization` means everything, `write:x` means `read:x` and `delete:x`. */
export function allows(held: readonly KeyPermission[], wanted: KeyPermission): boolean {
  const [, resource] = wanted.split(":");
  const isImplied = /^(?:read|delete):/.test(wanted);
  return held.some((word) => word === wanted || word === EVERYTHING || (isImplied && word === `write:${resource}`));
}

/** The words of a key as its row shows them: the first few, and how many more. */
export function shownWords(permissions: readonly KeyPermission[], most: number): { readonly words: readonly KeyPermission[]; readonly rest: readonly KeyPermission[] } {
  const inOrder = KEY_PERMISSIONS.filter((word) => permissions.includes(word));
  return { words: inOrder.slice(0, most), rest: inOrder.slice(most) };
}
