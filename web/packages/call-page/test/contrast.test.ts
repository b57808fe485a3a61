import { expect, it } from "vitest";

import { contrast } from "../src/model/contrast.ts";

it("counts contrast as WCAG does, in either order and with short colours", () => {
  expect(contrast("#000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#ffffff", "#767676")).toBeCloseTo(4.54, 1);
  expect(contrast("#087054", "#fff")).toBeCloseTo(contrast("#ffffff", "#087054"));
});
