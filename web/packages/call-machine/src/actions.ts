/** What the client may ask, by action. */
import { checkActions } from "./actions/checks.ts";
import { customTrackActions } from "./actions/custom-tracks.ts";
import { frameActions } from "./actions/frame-only.ts";
import { languageActions } from "./actions/language.ts";
import { lifecycleActions } from "./actions/lifecycle.ts";
import { mediaActions } from "./actions/media.ts";
import { messageActions } from "./actions/messages.ts";
import { networkActions } from "./actions/network.ts";
import { participantActions } from "./actions/participants.ts";
import { recordingActions } from "./actions/recording.ts";
import { settingsActions } from "./actions/settings.ts";
import { unsupportedActions } from "./actions/unsupported.ts";
import { waitingActions } from "./actions/waiting.ts";
import { warn } from "./log.ts";
import type { Machine } from "./machine.ts";
import type { ClientRequest, Fields } from "./message.ts";

/** What comes of an action: a reply for whoever waits, or `null` for none at all. */
export type Outcome = Fields | null | void;

/** Answers, if the client waits. For actions that must not wait for a turn of their own. */
export type Reply = (fields: Fields) => void;

/** Does what is asked. */
export type Action = (machine: Machine, fields: Fields, reply: Reply) => Outcome | Promise<Outcome>;

/** Actions by name. */
export type Actions = Readonly<Record<string, Action>>;

const ACTIONS: Actions = {
  ...lifecycleActions,
  ...mediaActions,
  ...customTrackActions,
  ...settingsActions,
  ...participantActions,
  ...waitingActions,
  ...messageActions,
  ...networkActions,
  ...checkActions,
  ...recordingActions,
  ...languageActions,
  ...frameActions,
  ...unsupportedActions,
};

/** Names that came without a reply, kept so that each is told of once. */
const unknownActions = new Set<string>();

/** Performs one request. What is not supported is an error to whoever waits. */
export async function perform(machine: Machine, { action, fields, stamp }: ClientRequest, reply: Reply): Promise<Fields | null> {
  const found = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (found) {
    const outcome = await found(machine, fields, reply);
    return outcome === undefined ? {} : outcome;
  }
  if (stamp === null && !unknownActions.has(action)) {
    unknownActions.add(action);
    warn(`'${action}' is not supported by this server yet.`);
  }
  return { error: `'${action}' is not supported by this server.` };
}
