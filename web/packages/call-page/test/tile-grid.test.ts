import { describe, expect, it, test } from "vitest";

import { pageCapacity, TILE_GAP, tileGrid, tilePlace } from "../src/model/tile-grid.ts";

const LAPTOP = { width: 1416, height: 812 };
const PANEL_OPEN = { width: 1052, height: 812 };
const ULTRA_WIDE = { width: 3416, height: 1340 };
const TABLET = { width: 800, height: 1050 };
const PHONE = { width: 374, height: 682 };

const shape = (count: number, stage: { width: number; height: number }) => {
  const grid = tileGrid(count, stage);
  return grid ? `${grid.cols}×${grid.rows}` : "none";
};
const size = (count: number, stage: { width: number; height: number }) => {
  const grid = tileGrid(count, stage);
  return grid ? `${Math.round(grid.width)}×${Math.round(grid.height)}` : "none";
};

describe("the table of the design", () => {
  test.each([
    ["laptop", LAPTOP, [[1, "1×1"], [2, "2×1"], [3, "2×2"], [4, "2×2"], [5, "3×2"], [6, "3×2"], [7, "3×3"], [9, "3×3"], [10, "4×3"], [12, "4×3"], [16, "4×4"], [20, "5×4"], [25, "5×5"]]],
    ["panel open", PANEL_OPEN, [[1, "1×1"], [2, "1×2"], [3, "2×2"], [4, "2×2"], [5, "2×3"], [6, "2×3"], [7, "3×3"], [9, "3×3"], [10, "3×4"], [12, "3×4"], [16, "4×4"], [20, "4×5"], [25, "5×5"]]],
    ["ultra-wide", ULTRA_WIDE, [[1, "1×1"], [2, "2×1"], [3, "3×1"], [4, "2×2"], [5, "3×2"], [6, "3×2"], [7, "4×2"], [8, "4×2"], [9, "5×2"], [10, "5×2"], [12, "4×3"], [16, "6×3"], [20, "5×4"], [25, "7×4"]]],
    ["tablet", TABLET, [[1, "1×1"], [2, "1×2"], [3, "1×3"], [4, "2×2"], [5, "2×3"], [6, "2×3"], [7, "2×4"], [8, "2×4"], [9, "2×5"], [10, "2×5"], [12, "3×4"], [16, "3×6"], [20, "3×7"], [25, "4×7"]]],
    ["phone", PHONE, [[1, "1×1"], [2, "1×2"], [3, "1×3"], [4, "1×4"], [5, "2×3"], [6, "2×3"]]],
  ] as const)("%s", (_name, stage, rows) => {
    for (const [count, expected] of rows) expect(`${count}: ${shape(count, stage)}`).toBe(`${count}: ${expected}`);
  });

  test.each([
    [6, LAPTOP, "467×389"],
    [9, LAPTOP, "467×265"],
    [25, LAPTOP, "277×156"],
    [9, PANEL_OPEN, "345×265"],
    [25, PANEL_OPEN, "204×156"],
    [25, TABLET, "194×143"],
    [6, PHONE, "183×222"],
  ])("%i tiles are as large as the design says", (count, stage, expected) => {
    expect(size(count, stage)).toBe(expected);
  });
});

it("keeps tiles between 6:5 and 16:9, upright ones only on a narrow stage", () => {
  for (const stage of [LAPTOP, PANEL_OPEN, ULTRA_WIDE, TABLET, PHONE]) {
    for (let count = 1; count <= 25; count++) {
      const grid = tileGrid(count, stage);
      const aspect = grid ? grid.width / grid.height : 0;
      expect(aspect).toBeLessThanOrEqual(16 / 9 + 1e-9);
      expect(aspect).toBeGreaterThanOrEqual((stage.width < 600 ? 3 / 4 : 6 / 5) - 1e-9);
    }
  }
});

it("has no grid for nobody, nor for a stage without room", () => {
  expect(tileGrid(0, LAPTOP)).toBeNull();
  expect(tileGrid(3, { width: 0, height: 0 })).toBeNull();
});

it("centres the last row and stays on the stage", () => {
  const grid = tileGrid(5, LAPTOP);
  if (!grid) throw new Error("five tiles have a grid");
  const places = [0, 1, 2, 3, 4].map((index) => tilePlace(grid, index, 5, LAPTOP));
  const [first, , , fourth, fifth] = places;
  expect(first?.left).toBeCloseTo(0, 5);
  expect(fourth?.left).toBeCloseTo((grid.width + TILE_GAP) / 2, 5);
  expect((fifth?.left ?? 0) + grid.width).toBeLessThan(LAPTOP.width);
  for (const { top } of places) expect(top + grid.height).toBeLessThanOrEqual(LAPTOP.height + 0.01);
});

it("puts six on a phone's page, and no more than stay useful elsewhere", () => {
  expect(pageCapacity(PHONE, { isPhone: true, isSparing: false, chosen: null })).toBe(6);
  expect(pageCapacity(LAPTOP, { isPhone: false, isSparing: false, chosen: null })).toBe(25);
  expect(pageCapacity(LAPTOP, { isPhone: false, isSparing: true, chosen: null })).toBe(12);
  expect(pageCapacity({ width: 500, height: 300 }, { isPhone: false, isSparing: false, chosen: null })).toBeLessThan(10);
  expect(pageCapacity({ width: 100, height: 60 }, { isPhone: false, isSparing: false, chosen: null })).toBe(1);
});

it("holds as many as were chosen, where they fit", () => {
  const laptop = { width: 1416, height: 812 };
  expect(pageCapacity(laptop, { isPhone: false, isSparing: true, chosen: 9 })).toBe(9);
  expect(pageCapacity(laptop, { isPhone: false, isSparing: false, chosen: 49 })).toBeGreaterThan(36);
  expect(pageCapacity({ width: 480, height: 300 }, { isPhone: false, isSparing: false, chosen: 49 })).toBeLessThan(12);
});
