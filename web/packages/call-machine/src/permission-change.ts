/**
 * `updatePermissions` in the room's words. Only what the room knows gets
 * through: it takes a message it does not understand for a broken client.
 */
import type { AdminArea, CanReceiveChange, MediaKind, PermissionChange, ReceiveGrant } from "@parlor/protocol";

import { booleanOf, isRecord } from "./message.ts";

const MEDIA_KINDS: readonly MediaKind[] = ["audio", "video", "screenVideo", "screenAudio", "customVideo", "customAudio"];
const ADMIN_AREAS: readonly AdminArea[] = ["participants", "streaming", "transcription"];

/** What is given replaces, what is not stays. */
export function permissionChange(update: Readonly<Record<string, unknown>>): PermissionChange {
  const hasPresence = booleanOf(update["hasPresence"]);
  const canSend = grant(update["canSend"], MEDIA_KINDS);
  const canAdmin = grant(update["canAdmin"], ADMIN_AREAS);
  const canReceive = isRecord(update["canReceive"]) ? receiveChange(update["canReceive"]) : undefined;
  return {
    ...(hasPresence === undefined ? {} : { hasPresence }),
    ...(canSend === undefined ? {} : { canSend }),
    ...(canReceive === undefined ? {} : { canReceive }),
    ...(canAdmin === undefined ? {} : { canAdmin }),
  };
}

/** All, nothing, or some. The client makes a set of a list. */
function grant<T extends string>(value: unknown, known: readonly T[]): boolean | T[] | undefined {
  if (typeof value === "boolean") return value;
  if (!(value instanceof Set) && !Array.isArray(value)) return undefined;
  const wanted = new Set<unknown>(value);
  return known.filter((each) => wanted.has(each));
}

function receiveChange(update: Readonly<Record<string, unknown>>): CanReceiveChange {
  const base = receiveGrant(update["base"]);
  const byUserId = receiveGrants(update["byUserId"]);
  const byParticipantId = receiveGrants(update["byParticipantId"]);
  return {
    ...(base === undefined ? {} : { base }),
    ...(byUserId === undefined ? {} : { byUserId }),
    ...(byParticipantId === undefined ? {} : { byParticipantId }),
  };
}

function receiveGrants(value: unknown): Record<string, ReceiveGrant> | undefined {
  if (!isRecord(value)) return undefined;
  const known = Object.entries(value).map(([id, each]) => [id, receiveGrant(each)] as const);
  return Object.fromEntries(known.filter((entry): entry is readonly [string, ReceiveGrant] => entry[1] !== undefined));
}

function receiveGrant(value: unknown): ReceiveGrant | undefined {
  if (typeof value === "boolean") return value;
  if (!isRecord(value)) return undefined;
  const parts = Object.entries(value).filter(([kind, part]) => MEDIA_KINDS.some((known) => known === kind) && (typeof part === "boolean" || isTags(part)));
  return Object.fromEntries(parts) as ReceiveGrant;
}

/** Custom tracks are allowed by tag. */
function isTags(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((each) => typeof each === "boolean");
}
