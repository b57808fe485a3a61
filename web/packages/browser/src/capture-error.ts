/** Why a device did not start, in our words. Browsers differ by row. */
import type { CaptureFailure, CaptureFailureReason } from "@parlor/engine";

interface Row {
  readonly name: string;
  /** Narrows the row; by the text, since the names do not tell these apart. */
  readonly text?: RegExp;
  readonly reason: CaptureFailureReason;
}

/** The first row that fits decides. */
const ROWS: readonly Row[] = [
  { name: "NotAllowedError", text: /system|policy|disallowed/i, reason: "permission-browser" },
  { name: "NotAllowedError", reason: "permission-user" },
  // Old Chromium.
  { name: "PermissionDeniedError", reason: "permission-user" },
  { name: "SecurityError", reason: "permission-browser" },
  { name: "NotFoundError", reason: "missing" },
  { name: "DevicesNotFoundError", reason: "missing" },
  { name: "NotReadableError", reason: "in-use" },
  { name: "TrackStartError", reason: "in-use" },
  // Firefox, when the driver gives up.
  { name: "AbortError", reason: "in-use" },
  { name: "OverconstrainedError", text: /deviceId/, reason: "missing" },
  { name: "OverconstrainedError", reason: "constraints" },
  { name: "ConstraintNotSatisfiedError", reason: "constraints" },
  { name: "TypeError", reason: "constraints" },
];

/** The failure that a rejected `getUserMedia` tells of. */
export function captureFailure(cause: unknown): CaptureFailure {
  const { name, text } = describe(cause);
  const row = ROWS.find((row) => row.name === name && (row.text === undefined || row.text.test(text)));
  return { reason: row?.reason ?? "unknown", info: text === "" ? name : text };
}

/** Whether the person closed the prompt without an answer: asking again would only annoy. */
export function isDismissed(cause: unknown): boolean {
  return /dismissed/i.test(describe(cause).text);
}

function describe(cause: unknown): { readonly name: string; readonly text: string } {
  if (typeof cause !== "object" || cause === null) return { name: "Error", text: String(cause) };
  const { name, message, constraint } = cause as { name?: unknown; message?: unknown; constraint?: unknown };
  const parts = [message, constraint].filter((part) => typeof part === "string" && part !== "");
  return { name: typeof name === "string" ? name : "Error", text: parts.join(" ") };
}
