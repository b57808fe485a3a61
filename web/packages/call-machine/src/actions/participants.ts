/** Participants: what is asked of oneself and of others. */
import type { Call, ParticipantWish } from "@parlor/browser";

import type { Actions } from "../actions.ts";
import { booleanOf, isRecord, recordOf } from "../message.ts";
import { permissionChange } from "../permission-change.ts";
import { subscription } from "../subscription.ts";

type Properties = Readonly<Record<string, unknown>>;

export const participantActions: Actions = {
  "update-participant": ({ call }, { id, properties }) => update(call, typeof id === "string" ? { [id]: properties } : {}),
  "update-participants": ({ call }, { participants }) => update(call, recordOf(participants)),
  "daily-method-subscribe-to-tracks-automatically": (machine, { enabled }) => machine.call.subscribeToAll(enabled === true),
};

/** By session id, `local` or `*`, which is for all others who are not named. */
function update(call: Call, updates: Properties): void {
  const changes: Record<string, ParticipantWish> = {};
  for (const [id, properties] of Object.entries(updates)) {
    if (!isRecord(properties)) continue;
    const isSelf = id === "local" || id === call.state.local.id;
    if (isSelf) updateSelf(call, properties);
    else subscribe(call, id === "*" ? othersThan(call, updates) : [id], properties);
    // What one may do is the room's to say, and so is whether one may say so oneself.
    const change = changeOf(isSelf ? { updatePermissions: properties["updatePermissions"], eject: properties["eject"] } : properties);
    // Who is named with nothing to change is spared what holds for all.
    if (isSelf ? Object.keys(change).length > 0 : isAddressable(id)) changes[isSelf ? call.state.local.id : id] = change;
  }
  if (Object.values(changes).some((change) => Object.keys(change).length > 0)) call.updateParticipants(changes);
}

function othersThan({ state }: Call, updates: Properties): string[] {
  return [...state.participants.keys()].filter((id) => !(id in updates));
}

/** An id that could be anybody's: the room takes others for a broken client's. */
function isAddressable(id: string): boolean {
  return id === "*" || SESSION_ID.test(id);
}

const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

function updateSelf(call: Call, properties: Properties): void {
  const { setAudio, setVideo, setScreenShare } = properties;
  if (typeof setAudio === "boolean") call.setLocalAudio(setAudio);
  if (typeof setVideo === "boolean") call.setLocalVideo(setVideo);
  if (setScreenShare === false) call.stopScreenShare();
}

function subscribe(call: Call, ids: readonly string[], properties: Properties): void {
  const wanted = subscription(properties["setSubscribedTracks"]);
  if (wanted !== undefined) for (const id of ids) call.subscribeTo(id, wanted);
}

/** What is to be asked of the room. */
function changeOf(properties: Properties): ParticipantWish {
  const audio = booleanOf(properties["setAudio"]);
  const video = booleanOf(properties["setVideo"]);
  const permissions = isRecord(properties["updatePermissions"]) ? permissionChange(properties["updatePermissions"]) : undefined;
  return {
    ...(audio === undefined ? {} : { audio }),
    ...(video === undefined ? {} : { video }),
    ...(properties["setScreenShare"] === false ? { screenShare: false } : {}),
    ...(properties["eject"] === true ? { eject: true } : {}),
    ...(permissions === undefined ? {} : { permissions }),
  };
}
