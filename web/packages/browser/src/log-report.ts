/**
 * Reports the call's log to the server: a few lines and measurements at an
 * interval, and once more at the end. A report that does not get through is
 * nobody's trouble: it is kept for the next one, as far as there is room.
 */
import { MAX_LOG_MESSAGE_CHARS, MAX_REPORT_BYTES, MAX_REPORT_ENTRIES, REPORT_INTERVAL_MS, type CallLogEntry, type CallLogReport, type CallMetrics } from "@parlor/protocol";

import { metricFigures, type LatestFigures } from "./figures.ts";
import { LEVEL, type Line } from "./log-lines.ts";

/** Left free in a report for the pass and the brackets, and for what else is on its way. */
const SPARE_BYTES = 8 * 1024;
/** Between two measurements that are reported. Less shows shorter troubles, and fills the server's log. */
const MEASURE_EVERY_MS = 10_000;
/** How long the server may take to accept a report. */
const SEND_MS = 10_000;

/** Whom to tell, and how much. */
export interface ReportTarget {
  readonly server: string;
  readonly pass: string;
  /** Errors only, and no measurements. */
  readonly isTerse: boolean;
}

/** What came of a report; a `refused` one would be refused again. */
export type ReportOutcome = "taken" | "refused" | "unreachable";

/** Brings a report to a server. */
export type SendReport = (server: string, body: string) => Promise<ReportOutcome>;

/** The log of one call object. */
export class LogReporter {
  readonly #send: SendReport;
  #logs: CallLogEntry[] = [];
  #metrics: CallMetrics[] = [];
  /** The newest measurement that is not written down yet. */
  #newest: CallMetrics | null = null;
  #measuredAt = 0;
  #target: ReportTarget | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #isSending = false;

  constructor(send: SendReport = sendReport) {
    this.#send = send;
  }

  /** A stay begins; what was noted before and belongs to none belongs to it. */
  begin(target: ReportTarget): void {
    if (this.#target) this.#post(this.#target);
    this.#target = target;
    if (target.isTerse) this.#logs = this.#logs.filter(({ level }) => level === LEVEL.error);
    this.#timer ??= setInterval(() => this.flush(), REPORT_INTERVAL_MS);
  }

  /** Writes a line down. */
  note(line: Line, now: number): void {
    if (this.#target?.isTerse && line.level !== LEVEL.error) return;
    this.#logs.push({ ...line, time: now, message: line.message.slice(0, MAX_LOG_MESSAGE_CHARS) });
    this.#drop();
  }

  /** Takes measurements; most are only kept until the next ones come. */
  measure(stats: LatestFigures, now: number): void {
    if (!this.#target || this.#target.isTerse) return;
    this.#newest = metricsOf(stats, now);
    if (now - this.#measuredAt >= MEASURE_EVERY_MS) this.#keepNewest();
  }

  /** Reports what there is, unless a report is on its way. */
  flush(): void {
    if (this.#target && !this.#isSending) this.#post(this.#target);
  }

  /** The stay is over: says the last of it. */
  end(): void {
    this.#keepNewest();
    if (this.#target) this.#post(this.#target);
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#target = null;
    this.#logs = [];
    this.#metrics = [];
    this.#measuredAt = 0;
  }

  #post(target: ReportTarget): void {
    if (this.#logs.length + this.#metrics.length === 0) return;
    const report = takeReport(target.pass, this.#logs, this.#metrics);
    this.#logs = this.#logs.slice(report.logs.length);
    this.#metrics = this.#metrics.slice(report.metrics.length);
    this.#isSending = true;
    void this.#send(target.server, JSON.stringify(report)).then((outcome) => {
      this.#isSending = false;
      if (outcome !== "unreachable" || this.#target !== target) return;
      this.#logs.unshift(...report.logs);
      this.#metrics.unshift(...report.metrics);
      this.#drop();
    });
  }

  #keepNewest(): void {
    if (!this.#newest) return;
    this.#metrics.push(this.#newest);
    this.#measuredAt = this.#newest.time;
    this.#newest = null;
    this.#drop();
  }

  /** The oldest go when there are too many: measurements first. */
  #drop(): void {
    const surplus = this.#logs.length + this.#metrics.length - MAX_REPORT_ENTRIES;
    if (surplus <= 0) return;
    const measured = Math.min(surplus, this.#metrics.length);
    this.#metrics.splice(0, measured);
    this.#logs.splice(0, surplus - measured);
  }
}

/** As much of both lists, oldest first, as one report holds. */
export function takeReport(pass: string, logs: readonly CallLogEntry[], metrics: readonly CallMetrics[]): CallLogReport {
  const encoder = new TextEncoder();
  let left = MAX_REPORT_BYTES - SPARE_BYTES;
  const fits = (entry: object): boolean => {
    left -= encoder.encode(JSON.stringify(entry)).length + 1;
    return left >= 0;
  };
  const takenLogs = takeWhile(logs, fits);
  return { pass, logs: takenLogs, metrics: takeWhile(metrics, fits) };
}

function takeWhile<T extends object>(entries: readonly T[], fits: (entry: T) => boolean): T[] {
  const end = entries.findIndex((entry) => !fits(entry));
  return end === -1 ? [...entries] : entries.slice(0, end);
}

/** Unknown figures are left out. */
function metricsOf(stats: LatestFigures, now: number): CallMetrics {
  const known = Object.entries(metricFigures(stats)).filter((entry): entry is [string, number] => entry[1] !== null);
  return { time: now, ...Object.fromEntries(known) };
}

async function sendReport(server: string, body: string): Promise<ReportOutcome> {
  try {
    // A string body goes as text/plain, which needs no CORS preflight; `keepalive` outlives the page.
    const response = await fetch(`${server}/_parlor/logs`, {
      method: "POST",
      body,
      credentials: "omit",
      keepalive: true,
      signal: AbortSignal.timeout(SEND_MS),
    });
    return response.ok ? "taken" : response.status >= 500 || response.status === 429 ? "unreachable" : "refused";
  } catch {
    // Without a network there is nobody to tell; the next report says it.
    return "unreachable";
  }
}
