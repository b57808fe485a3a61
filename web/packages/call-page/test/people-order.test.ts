import { expect, it } from "vitest";

import { peopleOrder } from "../src/model/people-order.ts";

const person = (id: string, joinedAt: number) => ({ id, joinedAt });

it("puts oneself first, then hosts, hands in their order, speakers, and the rest as they came", () => {
  const others = [person("late", 9), person("early", 1), person("spoke", 5), person("hand2", 2), person("hand1", 3), person("host", 8)];
  const order = peopleOrder(person("me", 4), others, { isHost: ({ id }) => id === "host", hands: new Map([["hand1", 10], ["hand2", 20]]), spokeAt: new Map([["spoke", 1]]) });
  expect(order.map(({ id }) => id)).toEqual(["me", "host", "hand1", "hand2", "spoke", "early", "late"]);
});
