import { expect, it } from "vitest";

import { dingsUpTo, mostTilesOf, namesMode, trayButtons } from "../src/frame-outline.ts";
import { clearedName } from "../src/model/file-name.ts";

it("takes an application's buttons in their order, and only what a button has", () => {
  const buttons = trayButtons({ notes: { label: "Notes", tooltip: "Open", iconPath: "https://app.example/n.svg", visualState: "sidebar-open" }, bare: {}, odd: 7 });
  expect(buttons).toEqual([
    { id: "notes", label: "Notes", tooltip: "Open", iconPath: "https://app.example/n.svg", iconPathDarkMode: "", isActive: true },
    { id: "bare", label: "bare", tooltip: "", iconPath: "", iconPathDarkMode: "", isActive: false },
  ]);
  expect(trayButtons(null)).toEqual([]);
  expect(trayButtons(Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`b${index}`, {}])))).toHaveLength(20);
});

it("knows the ways to show names", () => {
  expect(["always", "never", false, "x"].map(namesMode)).toEqual(["always", "never", "normal", "normal"]);
});

it("takes a limit of tiles that a grid can have", () => {
  expect(mostTilesOf({ grid: { maxTilesPerPage: 12 } })).toBe(12);
  for (const odd of [null, {}, { grid: {} }, { grid: { maxTilesPerPage: 0 } }, { grid: { maxTilesPerPage: 500 } }, { grid: { maxTilesPerPage: "9" } }]) expect(mostTilesOf(odd)).toBeNull();
});

it("names a recording's file by room and time", () => {
  expect(clearedName("design review/1", "video/webm;codecs=vp8", new Date(0))).toBe("design-review-1-1970-01-01T00-00-00.webm");
  expect(clearedName("x", "video/mp4", new Date(0))).toBe("x-1970-01-01T00-00-00.mp4");
});

it("lets arrivals be heard always, never, or while there are few", () => {
  expect([true, false, 5, "x"].map(dingsUpTo)).toEqual([Number.POSITIVE_INFINITY, 0, 5, 0]);
});
