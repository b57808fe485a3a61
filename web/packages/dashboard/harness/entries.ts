/** An audit log as the scenes show it. */
import type { AuditEntry } from "../src/face/audit.ts";
import { at, AUDITOR, DAY, DEVELOPER, ME, MINUTE } from "./people.ts";

const CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

let made = 0;
const entry = (ago: number, more: Partial<AuditEntry>): AuditEntry => {
  made += 1;
  return {
    id: `5d0f3a${String(made).padStart(2, "0")}-96c0-4d1e-8f6b-3f1f0f6c2a11`,
    actorId: ME.id,
    actorEmail: ME.email,
    actorApiKeyPrefix: null,
    actorApiKeySuffix: null,
    action: "create",
    targetType: "api_key",
    targetId: "",
    statusCode: 200,
    errorMessage: null,
    ipAddress: "198.51.100.7",
    userAgent: CHROME,
    source: "",
    metadata: {},
    createdAt: at(-ago),
    ...more,
  };
};

const key = { actorApiKeyPrefix: "par", actorApiKeySuffix: "x9Z" };

/** The entry whose detail is open. */
export const CHANGED = entry(26 * MINUTE, {
  action: "update_access",
  targetType: "organization_user",
  targetId: "u2",
  metadata: { role: "member", assignedRoleIds: [DEVELOPER.id, AUDITOR.id] },
});

/** One that was refused. */
export const REFUSED = entry(90 * MINUTE, {
  ...key,
  actorId: "u2",
  actorEmail: "tomas@studio.example",
  targetId: "nightly export of everything",
  statusCode: 403,
  errorMessage: "the key would hold read:billing, which you do not hold",
  ipAddress: "2001:db8:85a3:8d3:1319:8a2e:370:7348",
  userAgent: "python-httpx/0.28.1",
  source: "sdk-python",
  metadata: { name: "nightly export of everything", permissions: ["read:billing", "read:meetings"], expiresAt: "2027-01-01T00:00:00.000Z" },
});

/** The log. */
export const ENTRIES: readonly AuditEntry[] = [
  entry(20_000, { action: "create", targetType: "organization_invitation", targetId: "o1", statusCode: 201, metadata: { email: "bo.nguyen@studio.example", role: "member", assignedRoleIds: [DEVELOPER.id] } }),
  CHANGED,
  entry(40 * MINUTE, { action: "rotate", targetId: "game server", statusCode: 201, metadata: { overlapSeconds: 3600 } }),
  REFUSED,
  entry(5 * 60 * MINUTE, { actorId: "operator", actorEmail: "", action: "create", targetId: "first key", ipAddress: "", userAgent: "", source: "cli" }),
  entry(11 * 60 * MINUTE, { actorId: "u3", actorEmail: "amina@studio.example", action: "accept", targetType: "organization_invitation", targetId: "i4", userAgent: FIREFOX, ipAddress: "203.0.113.40" }),
  entry(2 * DAY, { action: "delete", targetId: "ci", statusCode: null }),
  entry(2 * DAY + MINUTE, { action: "update", targetType: "organization", targetId: "o1", statusCode: 500, errorMessage: "the server could not do this", metadata: { operation: "set_preview_warning" } }),
  entry(3 * DAY, { actorId: "u9", actorEmail: "jonas.lindqvist@a-very-long-name-of-a-company.example", action: "delete", targetType: "organization_role", targetId: "8b0c7a52-7a3c-4f7e-9d1c-0d7d0f3f5b22", statusCode: 204, metadata: { application: { id: "a1", name: "Back office" } } }),
  entry(40 * DAY, { actorId: "retention", actorEmail: "", action: "delete", targetType: "audit_log", ipAddress: "", userAgent: "", source: "" }),
];
