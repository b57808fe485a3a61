/**
 * The messages between daily-js and us, both in one window and between a page
 * and its frame: flat objects, posted.
 */

/** Fields of a message besides its address. */
export type Fields = Readonly<Record<string, unknown>>;

/** A message of daily-js, checked as far as its address goes. */
export interface ClientRequest {
  readonly action: string;
  /** Present when the client awaits a reply. */
  readonly stamp: string | null;
  readonly fields: Fields;
}

/** Whom a message is for. The field's name depends on the client's version. */
export interface Address {
  readonly clientId: string;
  /** `both` until a message of the client told which one it reads. */
  readonly idField: "callClientId" | "callFrameId" | "both";
}

/** What daily-js must be told by: every message has this `what`. */
const WHAT = "iframe-call-message";

/** Takes a posted message apart, if it is one of daily-js's to somebody like us. */
export function parseRequest(data: unknown): { readonly request: ClientRequest; readonly address: Address } | null {
  if (!isRecord(data) || data["what"] !== WHAT || data["from"] !== "module") return null;
  const idField = "callClientId" in data ? "callClientId" : "callFrameId";
  const clientId = data[idField];
  const { action, callbackStamp, ...fields } = data;
  if (typeof clientId !== "string" || typeof action !== "string") return null;
  const stamp = callbackStamp === undefined || callbackStamp === null ? null : String(callbackStamp);
  return { request: { action, stamp, fields }, address: { clientId, idField } };
}

/** An event, or anything else that is not a reply. */
export function eventMessage(address: Address, action: string, fields: Fields = {}): Fields {
  return { ...fields, ...idOf(address), what: WHAT, from: "embedded", action };
}

/** A reply. It carries the request's own action, which is no event's name. */
export function replyMessage(address: Address, request: ClientRequest, fields: Fields): Fields {
  return { ...eventMessage(address, request.action, fields), callbackStamp: request.stamp };
}

function idOf({ clientId, idField }: Address): Fields {
  if (idField !== "both") return { [idField]: clientId };
  return { callClientId: clientId, callFrameId: clientId };
}

/** Whether a value is an object with fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that should be an object: that, or an empty one. */
export function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

/** A field that should be a string. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A field that should be a boolean. */
export function booleanOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}
