/** With which credential something was done, and from where. */
import type { AuditEntry } from "../face/audit.ts";
import { agentOf } from "../model/agent.ts";
import { texts } from "../texts.ts";
import { ownName } from "./names.ts";

/** A key, an application, a browser, or the machine itself. */
export function credentialOf(entry: AuditEntry): string | null {
  const { with: words } = texts.audit;
  if (entry.actorApiKeyPrefix !== null) return words.key(`${entry.actorApiKeyPrefix}…${entry.actorApiKeySuffix ?? ""}`);
  const application = entry.metadata["application"];
  if (typeof application === "object" && application !== null && "name" in application) return words.application(String(application.name));
  if (ownName(entry.actorId) !== null) return words.machine;
  return entry.actorId === "" ? null : words.session;
}

/** The program that asked. */
export function programOf(entry: AuditEntry): string | null {
  const agent = agentOf(entry.userAgent, entry.source);
  if (agent === null) return null;
  return "browser" in agent ? texts.audit.agent(agent.browser, agent.system) : agent.program;
}
