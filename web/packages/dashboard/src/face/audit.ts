/** The audit log of the identity face, in its spelling. */

/** What was done, in the words that stand in the log of an organization and in that of the server. */
export const AUDIT_ACTIONS = [
  "create", "read", "update", "delete", "login", "logout", "rotate", "revoke", "start", "stop", "update_access", "accept",
  "decline", "cancel", "leave", "suspend", "unsuspend", "update_quota", "authorize", "token", "export",
] as const;

/** What was done. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What it was done to, likewise. */
export const AUDIT_TARGETS = [
  "api_key", "organization", "organization_invitation", "organization_role", "organization_user", "user", "session", "passkey",
  "oauth_client", "oauth_token", "identity_provider", "audit_log", "domain", "room", "recording", "webhook", "sandbox",
  "snapshot", "volume", "docker_registry", "secret", "region", "runner",
] as const;

/** What it was done to. */
export type AuditTarget = (typeof AUDIT_TARGETS)[number];

/** What came of it. */
export const AUDIT_RESULTS = ["done", "refused", "failed", "unknown"] as const;

/** What came of it. */
export type AuditResult = (typeof AUDIT_RESULTS)[number];

/** An action, with what came of it. */
export interface AuditEntry {
  readonly id: string;
  /** A user's id, `operator` for the machine's own, `retention` where the server removed old entries, or empty. */
  readonly actorId: string;
  readonly actorEmail: string;
  readonly actorApiKeyPrefix: string | null;
  readonly actorApiKeySuffix: string | null;
  readonly action: AuditAction;
  readonly targetType: AuditTarget;
  readonly targetId: string;
  /** `null` where no outcome was written down. */
  readonly statusCode: number | null;
  readonly errorMessage: string | null;
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly source: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

/** Part of the log, newest first. */
export interface AuditPage {
  readonly items: readonly AuditEntry[];
  /** How many match. */
  readonly total: number;
  /** Where the next part begins; absent at the end. */
  readonly nextToken?: string;
}

/** Which part is wanted: parameters of the face by name. */
export type AuditQuery = Readonly<Partial<Record<"actorId" | "actorEmail" | "action" | "targetType" | "targetId" | "result" | "from" | "to" | "nextToken" | "limit", string>>>;
