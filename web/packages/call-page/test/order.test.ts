import { expect, it } from "vitest";

import { arrange, NOBODY, pagesOf, type Ranked, type Scene } from "../src/model/order.ts";

const person = (id: string, more: Partial<Ranked> = {}): Ranked => ({ id, isOwner: false, hasVideo: true, joinedAt: 0, ...more });
const scene = (people: Ranked[], more: Partial<Scene> = {}): Scene => ({ people, firstPage: 24, spokeAt: new Map(), now: 100_000, ...more });

it("puts hosts with video first, then video, then no video, each by joining", () => {
  const people = [person("quiet", { hasVideo: false }), person("late", { joinedAt: 9 }), person("early", { joinedAt: 1 }), person("host", { isOwner: true, joinedAt: 5 })];
  expect(arrange(NOBODY, scene(people)).order).toEqual(["host", "early", "late", "quiet"]);
});

it("keeps everybody's place when somebody comes or goes", () => {
  const first = arrange(NOBODY, scene([person("a", { joinedAt: 1 }), person("b", { joinedAt: 2 }), person("c", { joinedAt: 3 })]));
  const second = arrange(first, scene([person("host", { isOwner: true }), person("a"), person("c")]));
  expect(second.order).toEqual(["a", "c", "host"]);
});

it("is the same arrangement when nothing changed", () => {
  const first = arrange(NOBODY, scene([person("a"), person("b")]));
  expect(arrange(first, scene([person("a"), person("b")]))).toBe(first);
});

it("does not move who speaks while all are on one page", () => {
  const first = arrange(NOBODY, scene([person("a", { joinedAt: 1 }), person("b", { joinedAt: 2 })]));
  expect(arrange(first, scene([person("a"), person("b")], { spokeAt: new Map([["b", 100_000]]) })).order).toEqual(["a", "b"]);
});

const five = ["a", "b", "c", "d", "e"].map((id, index) => person(id, { joinedAt: index }));

it("swaps a speaker of a later page with the first-page person silent longest", () => {
  const first = arrange(NOBODY, scene(five, { firstPage: 3 }));
  const spokeAt = new Map([["a", 99_000], ["b", 10_000], ["c", 90_000], ["e", 100_000]]);
  expect(arrange(first, scene(five, { firstPage: 3, spokeAt })).order).toEqual(["a", "e", "c", "d", "b"]);
});

it("swaps at most once in three seconds", () => {
  const first = arrange(NOBODY, scene(five, { firstPage: 3 }));
  const spokeAt = new Map([["d", 99_500], ["e", 100_000]]);
  const second = arrange(first, scene(five, { firstPage: 3, spokeAt }));
  expect(arrange(second, scene(five, { firstPage: 3, spokeAt, now: 101_000 }))).toBe(second);
  const later = new Map([["d", 103_000]]);
  expect(arrange(second, scene(five, { firstPage: 3, spokeAt: later, now: 103_100 })).order.slice(0, 3)).toContain("d");
});

it("puts oneself last on the first page", () => {
  expect(pagesOf(["a", "b", "c", "d"], 3)).toEqual([
    { others: ["a", "b"], isSelfHere: true },
    { others: ["c", "d"], isSelfHere: false },
  ]);
  expect(pagesOf([], 6)).toEqual([{ others: [], isSelfHere: true }]);
});

it("fills pages to their capacity", () => {
  const order = Array.from({ length: 31 }, (_, index) => `p${index}`);
  const pages = pagesOf(order, 25);
  expect(pages.map((page) => page.others.length)).toEqual([24, 7]);
});

it("gives a hidden own tile no place", () => {
  expect(pagesOf(["a", "b", "c"], 2, { hasSelf: false })).toEqual([
    { others: ["a", "b"], isSelfHere: false },
    { others: ["c"], isSelfHere: false },
  ]);
});
