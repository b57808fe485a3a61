import { expect, test } from "vitest";

import { Rig, welcome } from "./rig.ts";

test("session data is there from the welcome on, and follows the room", () => {
  const rig = new Rig();
  rig.join({ session_data: { round: 1 } });
  expect(rig.call.sessionData).toEqual({ round: 1 });
  rig.hear({ type: "session_data", data: { round: 2 } });
  expect(rig.call.sessionData).toEqual({ round: 2 });
});

test("what one sets is what the room says it became", () => {
  const rig = new Rig();
  rig.join();
  rig.on({ type: "set-session-data", strategy: "shallow-merge", data: { a: 1 }, keysToDelete: ["b"] });
  expect(rig.sent("set_session_data")).toEqual([{ type: "set_session_data", strategy: "shallow-merge", data: { a: 1 }, keys_to_delete: ["b"] }]);
  expect(rig.call.sessionData).toEqual({});
  rig.on({ type: "set-session-data", strategy: "replace", data: {}, keysToDelete: [] });
  expect(rig.sent("set_session_data").at(-1)).toEqual({ type: "set_session_data", strategy: "replace", data: {} });
});

test("before joining there is no session to set data of", () => {
  const rig = new Rig();
  rig.on({ type: "set-session-data", strategy: "replace", data: {}, keysToDelete: [] });
  expect(rig.emitted("rejected")).toMatchObject([{ message: "set_session_data" }]);
});

test("a resumed stay with the same data changes nothing, and another meeting begins without", () => {
  const rig = new Rig();
  rig.join({ session_data: { round: 1 } });
  const before = rig.call.sessionData;
  rig.on({ type: "socket-closed", socket: rig.last("open-socket").socket });
  rig.on({ type: "timer-fired", timer: "retry" });
  rig.hear(welcome({ is_resumed: true, session_data: { round: 1 } }));
  expect(rig.call.sessionData).toBe(before);
  rig.hear({ type: "meeting_changed", meeting: "meeting-2" });
  expect(rig.call).toMatchObject({ meeting: "meeting-2", sessionData: {} });
});

test("data is gone with the call", () => {
  const rig = new Rig();
  rig.join({ session_data: { round: 1 } });
  rig.on({ type: "leave" });
  expect(rig.call.sessionData).toEqual({});
});
