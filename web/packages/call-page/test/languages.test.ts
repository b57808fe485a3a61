// What the compiler does not see of the languages: words that were left in
// English, names and numbers that got lost, languages without a file.
import { PROPERTIES } from "@parlor/protocol";
import { describe, expect, it } from "vitest";

import { languageCode } from "../src/texts.ts";
import { en, type Texts } from "../src/texts/en.ts";

const FILES = import.meta.glob<{ readonly texts: Texts }>(["../src/texts/*.ts", "!../src/texts/en.ts", "!../src/texts/plural.ts"], { eager: true });
const LANGUAGES = Object.entries(FILES).map(([path, { texts }]) => ({ code: path.replace(/^.*\/|\.ts$/gu, ""), texts }));

/** English words that other languages use as they are. */
const BORROWED = new Set(["Picture in picture", "Start video", "Stop video"]);

type Leaf = string | ((...values: readonly string[]) => string);

/** Every text with the way to it, as `ending.left.text`. */
function leaves(value: unknown, path = ""): ReadonlyMap<string, Leaf> {
  if (typeof value !== "object" || value === null) return new Map([[path, value as Leaf]]);
  return new Map(Object.entries(value).flatMap(([key, child]) => [...leaves(child, path === "" ? key : `${path}.${key}`)]));
}

/** Values that stand out in a text, and are numbers as well as words. */
const VALUES = ["4021", "4022", "4023"];
const english = leaves(en);

/** The text itself, or what comes of it with these values. */
const said = (leaf: Leaf, values: readonly string[]): string => (typeof leaf === "string" ? leaf : leaf(...values));

/** Which of the values are in a text, however the language writes numbers. */
function valuesIn(text: string): readonly string[] {
  const figures = text.replaceAll(/(?<=\d)[.,\s\u00a0\u202f](?=\d)/gu, "");
  return VALUES.filter((value) => figures.includes(value));
}

it("has a file for each language of the property", () => {
  const row = PROPERTIES.find((property) => property.name === "lang");
  const wishes = (row?.options ?? []).filter((option) => option !== "user");
  expect(wishes.length).toBe(17);
  const codes = ["en", ...LANGUAGES.map(({ code }) => code)];
  const spoken = wishes.map((wish) => languageCode(wish, "xx", (code) => codes.includes(code.toLowerCase())).toLowerCase());
  expect(new Set(spoken)).toEqual(new Set(codes));
});

describe.each(LANGUAGES)("$code", ({ texts }) => {
  const own = leaves(texts);

  it("says everything that English says", () => {
    expect([...own.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    // The second word of a step is about a sign that stands between both; there may be none.
    const silent = [...own].filter(([path, leaf]) => said(leaf, VALUES) === "" && said(english.get(path) ?? "", VALUES) !== "");
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it("keeps names and numbers", () => {
    const lost = [...own].filter(([path, leaf]) => valuesIn(said(leaf, VALUES)).join() !== valuesIn(said(english.get(path) ?? "", VALUES)).join());
    expect(lost.map(([path, leaf]) => `${path}: ${said(leaf, VALUES)}`)).toEqual([]);
  });

  it("leaves no sentence in English", () => {
    const left = [...own].filter(([path, leaf]) => {
      const text = said(leaf, VALUES);
      return /\p{L}{2,} \p{L}{2,}/u.test(text) && text === said(english.get(path) ?? "", VALUES) && !BORROWED.has(text);
    });
    expect(left.map(([path, leaf]) => `${path}: ${said(leaf, VALUES)}`)).toEqual([]);
  });

  it("has a form for every number", () => {
    for (const number of ["0", "1", "2", "5", "11", "21", "22", "100"]) {
      const counted = [own.get("stage.count"), own.get("ending.minutes"), own.get("toast.closing")];
      for (const leaf of counted) expect(said(leaf ?? "", [number])).not.toMatch(/undefined|#/u);
    }
  });
});
