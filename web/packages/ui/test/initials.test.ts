import { expect, it, test } from "vitest";

import { avatarHue, initials } from "../src/initials.ts";

test.each([
  ["Elena Petrova", "EP"],
  ["Tomás de la Rivera", "TR"],
  ["madonna", "M"],
  ["  Bo   Nguyen ", "BN"],
  ["Åse Øvrebø", "ÅØ"],
  ["李 小龙", "李小"],
  ["(Guest) 7", "G7"],
  ["🙂", ""],
  ["", ""],
])("%j has the initials %j", (name, letters) => {
  expect(initials(name)).toBe(letters);
});

it("keeps a person's hue, and is never red", () => {
  expect(avatarHue("user-1")).toBe(avatarHue("user-1"));
  const hues = new Set(Array.from({ length: 200 }, (_, index) => avatarHue(`user-${index}`)));
  expect(hues.size).toBeGreaterThan(6);
  for (const hue of hues) expect(hue > 45 && hue < 345).toBe(true);
});
