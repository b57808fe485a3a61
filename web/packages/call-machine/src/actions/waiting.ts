/** The lobby, from both sides of its door. */
import type { Actions, Reply } from "../actions.ts";
import type { Machine } from "../machine.ts";
import { recordOf, stringOf, type Fields } from "../message.ts";
import { accessOf } from "../translate/access.ts";

export const waitingActions: Actions = {
  "daily-method-request-access": (machine, fields, reply) => requestAccess(machine, stringOf(fields["name"]) ?? "", reply),

  "daily-method-update-waiting-participant": (machine, fields) => {
    const id = stringOf(fields["id"]) ?? "";
    return answer(machine, { [id]: fields["updates"] }) ?? { id };
  },

  "daily-method-update-waiting-participants": (machine, fields) => {
    const updates = recordOf(fields["updatesById"]);
    const ids = "*" in updates ? [...machine.call.state.waiting.keys()] : Object.keys(updates);
    return answer(machine, updates) ?? { ids };
  },
};

/** The reply goes out when somebody decided: before the client hears what comes of it. */
function requestAccess(machine: Machine, name: string, reply: Reply): Fields | null {
  const { phase, access } = machine.call.state;
  if (phase === "joined" && access === "full") return { access: accessOf(machine.call.state), granted: true };
  if (phase !== "waiting") return { error: "Join before you request access." };
  let isAnswered = false;
  const settle = (granted: boolean): void => {
    if (isAnswered) return;
    isAnswered = true;
    forget();
    reply({ access: { level: granted ? "full" : "lobby" }, granted });
  };
  const forget = machine.call.onEvent((event) => {
    if (event.type === "knock-answered") settle(event.granted);
  });
  machine.call.requestAccess(name === "" ? undefined : name).then(settle, () => settle(false));
  return null;
}

/** Opens the door or sends people away. An error, if that is not ours to do. */
function answer({ call }: Machine, updates: Readonly<Record<string, unknown>>): Fields | null {
  const { waiting, local } = call.state;
  const { canAdmin } = local.permissions;
  if (canAdmin !== true && !(Array.isArray(canAdmin) && canAdmin.includes("participants"))) {
    return { error: "You are not allowed to admit waiting participants." };
  }
  const unknown = Object.keys(updates).find((id) => id !== "*" && !waiting.has(id));
  if (unknown !== undefined) return { error: `Nobody with the id '${unknown}' is waiting.` };
  for (const id of waiting.keys()) {
    const { grantRequestedAccess } = recordOf(updates[id] ?? updates["*"]);
    if (typeof grantRequestedAccess === "boolean") call.answerKnock(id, grantRequestedAccess);
  }
  return null;
}
