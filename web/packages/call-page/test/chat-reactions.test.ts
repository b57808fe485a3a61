import { expect, it } from "vitest";

import { isEmoji, reacted } from "../src/model/chat-reactions.ts";

it("puts emoji under a message, once for each person, and takes them away again", () => {
  const one = reacted(new Map(), "m", "👍", "ana", true);
  const two = reacted(reacted(one, "m", "👍", "bo", true), "m", "👍", "bo", true);
  expect(two.get("m")?.get("👍")).toEqual(["ana", "bo"]);
  expect(reacted(reacted(two, "m", "👍", "ana", false), "m", "👍", "bo", false).size).toBe(0);
});

it("forgets the oldest message when there are too many", () => {
  let all = reacted(new Map(), "first", "👍", "ana", true);
  for (let index = 0; index < 500; index += 1) all = reacted(all, `m${index}`, "👍", "ana", true);
  expect(all.size).toBe(500);
  expect(all.has("first")).toBe(false);
});

it("takes only emoji that it offers", () => {
  expect(isEmoji("👍")).toBe(true);
  expect(isEmoji("<b>")).toBe(false);
});
