import { expect, test } from "vitest";

import { exitTarget } from "../src/model/exit-target.ts";

const CALL = { domain: "local", room: "den" };

test.each([
  ["https://app.example/after", "https://app.example/after?recent-call=local/den"],
  ["http://app.example", "http://app.example/?recent-call=local/den"],
  ["https://app.example/after?a=1&b=%20#top", "https://app.example/after?a=1&b=%20&recent-call=local/den#top"],
  ["myapp://calls/done?from=call", "myapp://calls/done?from=call&recent-call=local/den"],
])("%s is told which call one comes from", (target, expected) => {
  expect(exitTarget(target, CALL)).toBe(expected);
});

test("a room's name is escaped", () => {
  expect(exitTarget("https://app.example/", { domain: "local", room: "a&b" })).toBe("https://app.example/?recent-call=local/a%26b");
});

test.each(["javascript:alert(1)", " \tjava\nscript:alert(1)", "JavaScript://app.example/%0aalert(1)", "data:text/html,hi", "blob:https://app.example/1", "file:///etc/hosts", "/elsewhere", "", undefined, 7])(
  "%j is not followed",
  (target) => {
    expect(exitTarget(target, CALL)).toBeNull();
  },
);
