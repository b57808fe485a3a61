/** The request that a new key is tried with, and the file that keeps it. */
import type { KeyPermission } from "@parlor/protocol";

import { allows } from "./permissions.ts";

/** The variable under which samples and the `.env` file have the key. */
export const VARIABLE = "PARLOR_API_KEY";

/** What a sample does. */
export type SampleKind = "room" | "self";

/** A request that a key with `permissions` may make. */
export function sampleFor(permissions: readonly KeyPermission[], origin: string): { readonly kind: SampleKind; readonly text: string } {
  if (!allows(permissions, "write:rooms")) {
    return { kind: "self", text: `curl ${origin}/api-keys/current \\\n  -H "Authorization: Bearer $${VARIABLE}"` };
  }
  const body = `{"privacy": "private"}`;
  return { kind: "room", text: `curl ${origin}/v1/rooms \\\n  -H "Authorization: Bearer $${VARIABLE}" \\\n  -d '${body}'` };
}

/** The text of a `.env` file with the key and the server. */
export function envFile(value: string, origin: string): string {
  return `${VARIABLE}=${value}\nPARLOR_URL=${origin}\n`;
}

/** A file name made of a key's name. */
export function envFileName(name: string): string {
  const stem = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return `${stem === "" ? "parlor" : stem}.env`;
}
