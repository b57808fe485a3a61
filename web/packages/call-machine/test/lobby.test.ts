import { expect, test } from "vitest";

import { errorFields } from "../src/errors.ts";
import { eventsOf } from "../src/translate.ts";
import { waitingEvents } from "../src/translate/access.ts";
import { INTENT, joinAnswer, Rig, view, welcome } from "../../engine/test/rig.ts";

const CONTEXT = { placeholderId: "placeholder", url: "http://parlor.test/den", unseen: new Set<string>() };

/** Somebody in the lobby, and what the client was told on the way there. */
function inLobby(): { rig: Rig; events: () => { action: string; fields?: unknown }[] } {
  const rig = new Rig();
  let before = rig.call;
  const events = (): { action: string; fields?: unknown }[] => {
    const told = eventsOf(before, rig.call, CONTEXT);
    before = rig.call;
    return told;
  };
  rig.on({ type: "join", intent: INTENT });
  rig.on({ type: "join-answered", request: rig.last("request-join").request, answer: { ...joinAnswer(), effective: { ...joinAnswer().effective, access: "lobby" } } });
  rig.on({ type: "socket-opened", socket: rig.last("open-socket").socket });
  rig.hear({ type: "waiting", participant: view("me"), resume_secret: "s", now: 0, is_host_present: true });
  rig.capture();
  return { rig, events };
}

test("in the lobby the client has joined, alone, and with that level", () => {
  const { events } = inLobby();
  const told = events();
  const actions = told.map(({ action }) => action);
  expect(told.find(({ action }) => action === "access-state-updated")?.fields).toEqual({ access: { level: "lobby" } });
  expect(actions.filter((action) => action === "joined-meeting")).toHaveLength(1);
  expect(actions.indexOf("access-state-updated")).toBeLessThan(actions.indexOf("joined-meeting"));
  expect(actions).not.toContain("participant-joined");
  expect(actions).not.toContain("participant-counts-updated");
});

test("asking is told of, and being let in is a new level before the others appear", () => {
  const { rig, events } = inLobby();
  events();
  rig.on({ type: "request-access", name: "Ana", now: 1 });
  expect(events()).toEqual([{ action: "access-state-updated", fields: { access: { level: "lobby" }, awaitingAccess: { level: "full" } } }]);
  rig.hear(welcome({ participants: [view("bo")] }));
  const actions = events().map(({ action }) => action);
  expect(actions).toContain("meeting-session-summary-updated");
  expect(actions.indexOf("access-state-updated")).toBeLessThan(actions.indexOf("participant-joined"));
  expect(actions).not.toContain("joined-meeting");
});

test("who waits is told of with the whole list, one at a time", () => {
  const rig = new Rig();
  rig.join();
  const before = rig.call;
  rig.hear({ type: "waiting_added", waiting: { id: "gus", name: "Gus", since: 1 } });
  const gus = { id: "gus", name: "Gus", awaitingAccess: { level: "full" } };
  expect(waitingEvents(before, rig.call)).toEqual([{ action: "waiting-participant-added", fields: { participant: gus, allWaitingParticipants: { gus } } }]);
  const added = rig.call;
  rig.hear({ type: "waiting_updated", waiting: { id: "gus", name: "Gustav", since: 1 } });
  expect(waitingEvents(added, rig.call)).toMatchObject([{ action: "waiting-participant-updated", fields: { participant: { name: "Gustav" } } }]);
  const updated = rig.call;
  rig.hear({ type: "waiting_removed", id: "gus" });
  expect(waitingEvents(updated, rig.call)).toEqual([
    { action: "waiting-participant-removed", fields: { participant: { ...gus, name: "Gustav" }, allWaitingParticipants: {} } },
  ]);
});

test("who comes to a call hears who waits already", () => {
  const rig = new Rig();
  rig.join({ waiting: [{ id: "gus", name: "Gus", since: 1 }] });
  expect(waitingEvents(null, rig.call)).toMatchObject([{ action: "waiting-participant-added", fields: { participant: { id: "gus" } } }]);
});

test("a refused knock has the words that applications match on", () => {
  const error = { reason: "not-allowed", info: "Join request rejected", during: "join" } as const;
  expect(errorFields(error, undefined)).toEqual({ errorMsg: "Join request rejected", error: { type: "not-allowed", msg: "Join request rejected" } });
  expect(errorFields({ ...error, info: "The room is private." }, undefined)).toMatchObject({ errorMsg: "You are not allowed to join this meeting" });
});
