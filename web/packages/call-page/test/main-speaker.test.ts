import { expect, it } from "vitest";

import { followSay, followSpeaking, isHandDone, mainSpeaker, type Say } from "../src/model/main-speaker.ts";

it("gives the large picture to who has spoken for a while, never to oneself", () => {
  const since = followSpeaking(new Map(), new Set(["ana", "me"]), 0);
  expect(mainSpeaker(null, since, { own: "me", now: 1_000 })).toBeNull();
  expect(mainSpeaker(null, since, { own: "me", now: 1_500 })).toBe("ana");
});

it("stays with whoever still speaks, and with the last when all are silent", () => {
  const both = new Map([["ana", 0], ["bo", 1_000]]);
  expect(mainSpeaker("ana", both, { own: "me", now: 9_000 })).toBe("ana");
  expect(mainSpeaker("ana", new Map([["bo", 1_000]]), { own: "me", now: 9_000 })).toBe("bo");
  expect(mainSpeaker("ana", new Map(), { own: "me", now: 9_000 })).toBe("ana");
});

it("lowers a hand three seconds after its owner spoke for five", () => {
  let say: Say | null = null;
  for (let now = 0; now <= 5_000; now += 200) say = followSay(say, true, now);
  expect(say && isHandDone(say, 5_000)).toBe(false);
  for (let now = 5_200; now <= 8_000; now += 200) say = followSay(say, false, now);
  expect(say && isHandDone(say, 8_000)).toBe(true);
});

it("counts no silence as speaking", () => {
  let say: Say | null = null;
  for (let now = 0; now <= 20_000; now += 200) say = followSay(say, false, now);
  expect(say && isHandDone(say, 20_000)).toBe(false);
});
