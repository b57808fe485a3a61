/** What the client may ask, by action. */
import { lifecycleActions } from "./actions/lifecycle.ts";
import { mediaActions } from "./actions/media.ts";
import { networkActions } from "./actions/network.ts";
import { participantActions } from "./actions/participants.ts";
import { recordingActions } from "./actions/recording.ts";
import type { Machine } from "./machine.ts";
import type { ClientRequest, Fields } from "./message.ts";

/** Does what is asked; what it returns is the reply, if the client waits for one. */
export type Action = (machine: Machine, fields: Fields) => Fields | void | Promise<Fields | void>;

/** Actions by name. */
export type Actions = Readonly<Record<string, Action>>;

const ACTIONS: Actions = {
  ...lifecycleActions,
  ...mediaActions,
  ...participantActions,
  ...networkActions,
  ...recordingActions,
};

/** Names that came without a reply, kept so that each is told of once. */
const unknownActions = new Set<string>();

/** Performs one request. What is not supported is an error to whoever waits. */
export async function perform(machine: Machine, { action, fields, stamp }: ClientRequest): Promise<Fields> {
  const found = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (found) return (await found(machine, fields)) ?? {};
  if (stamp === null && !unknownActions.has(action)) {
    unknownActions.add(action);
    // oxlint-disable-next-line no-console -- nobody else would learn that a call did nothing
    console.warn(`This server's call machine does not support '${action}' yet.`);
  }
  return { error: `'${action}' is not supported by this server.` };
}
