/** What of the audit log is on show. It lives in the address, so that a link shows the same to somebody else. */
import { AUDIT_ACTIONS, AUDIT_RESULTS, AUDIT_TARGETS, type AuditAction, type AuditEntry, type AuditQuery, type AuditResult, type AuditTarget } from "../face/audit.ts";
import { OPERATOR } from "./people.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How many entries a page has: some three screens, and a hundredth of a second of the server's time. */
export const PAGE_ENTRIES = 50;

/** The ranges that end now. */
export const RANGES = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS } as const;

/** A range that ends now. */
export type Range = keyof typeof RANGES;

/** Which entries are wanted; `null` for what does not matter. */
export interface AuditFilter {
  /** A user's id, `operator`, or an address with its `@`: who left has no other name. */
  readonly actor: string | null;
  readonly action: AuditAction | null;
  readonly target: AuditTarget | null;
  /** To which thing: its id, or a key's name. */
  readonly id: string | null;
  readonly result: AuditResult | null;
  readonly range: Range | null;
  /** From and to, as date fields write days or as the log writes moments. */
  readonly from: string | null;
  readonly to: string | null;
}

/** Everything. */
export const NO_FILTER: AuditFilter = { actor: null, action: null, target: null, id: null, result: null, range: null, from: null, to: null };

/** What the address asks for. What it names that there is not is as if it were not there. */
export function filterOf(query: URLSearchParams): AuditFilter {
  const word = <T extends string>(name: string, words: readonly T[]) => words.find((one) => one === query.get(name)) ?? null;
  const text = (name: string) => query.get(name) || null;
  const moment = (name: string) => (Number.isNaN(dayOrMoment(query.get(name) ?? "", 0)) ? null : query.get(name));
  const [from, to] = [moment("from"), moment("to")];
  return {
    actor: text("actor"),
    action: word("action", AUDIT_ACTIONS),
    target: word("target", AUDIT_TARGETS),
    id: text("id"),
    result: word("result", AUDIT_RESULTS),
    range: from || to ? null : word("range", Object.keys(RANGES) as Range[]),
    from,
    to,
  };
}

/** The same as part of an address, with the page and the entry on show. */
export function queryOf(filter: AuditFilter, more: { readonly before?: string | null; readonly entry?: string | null } = {}): string {
  const all = Object.entries({ ...filter, ...more }).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const text = new URLSearchParams(all).toString();
  return text === "" ? "" : `?${text}`;
}

/** Whether it leaves anything out. */
export function isNarrow(filter: AuditFilter): boolean {
  return Object.values(filter).some((value) => value !== null);
}

/** What the server is asked. */
export function askedFor(filter: AuditFilter, before: string | null, now: number): AuditQuery {
  const from = filter.range ? now - RANGES[filter.range] : dayOrMoment(filter.from ?? "", 0);
  const to = dayOrMoment(filter.to ?? "", DAY_MS - 1);
  const all: Partial<Record<keyof AuditQuery, string | null>> = {
    [filter.actor?.includes("@") ? "actorEmail" : "actorId"]: filter.actor,
    action: filter.action,
    targetType: filter.target,
    targetId: filter.id,
    result: filter.result,
    from: isoOf(from),
    to: isoOf(to),
    nextToken: before,
    limit: String(PAGE_ENTRIES),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

/** The address that shows this entry to anybody, whatever they looked at before. */
export function linkTo(entry: AuditEntry, organization: string): string {
  const query = new URLSearchParams({ organization, from: entry.createdAt, to: entry.createdAt, entry: entry.id });
  return `?${query}`;
}

/** How the filter names who did it. */
export function actorOf(entry: AuditEntry): string {
  return entry.actorId === "" || entry.actorId === OPERATOR ? entry.actorId || entry.actorEmail : entry.actorId;
}

/** What came of it. */
export function resultOf(status: number | null): AuditResult {
  if (status === null) return "unknown";
  if (status < 400) return "done";
  return status < 500 ? "refused" : "failed";
}

/** A day counts from its beginning here, and `into` it; a moment is one. `NaN` for neither, and for days that no month has. */
function dayOrMoment(text: string, into: number): number {
  const parts = /^(\d{4})-(\d{2})-(\d{2})(T.+)?$/.exec(text);
  if (!parts) return Number.NaN;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])];
  const begin = new Date(year, month, day);
  // Otherwise the 99th of a 99th month would be a day years later.
  if (begin.getFullYear() !== year || begin.getMonth() !== month || begin.getDate() !== day) return Number.NaN;
  return parts[4] === undefined ? begin.getTime() + into : Date.parse(text);
}

function isoOf(moment: number): string | null {
  return Number.isNaN(moment) ? null : new Date(moment).toISOString();
}
