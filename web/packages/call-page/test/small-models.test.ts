import { describe, expect, it } from "vitest";

import { followVoice, type Voice } from "../src/model/speaking.ts";
import { clockText } from "../src/model/times.ts";
import { stripRoom } from "../src/call/speaker-stage.tsx";
import { languageCode } from "../src/texts.ts";
import { plurals } from "../src/texts/plural.ts";

/** Whether somebody counts as speaking, look by look: `[time, loudness]`. */
function follow(levels: [number, number][]): boolean[] {
  let voice: Voice | undefined;
  return levels.map(([at, level]) => (voice = followVoice(voice, level, at)).isSpeaking);
}

describe("speaking", () => {
  it("begins after 200 ms of voice and ends after 600 ms of silence", () => {
    expect(follow([[0, 0.5], [100, 0.5], [200, 0.5], [400, 0], [900, 0], [1000, 0]])).toEqual([false, false, true, true, true, false]);
  });

  it("does not begin with a cough", () => {
    expect(follow([[0, 0.5], [100, 0], [200, 0.5], [300, 0]])).toEqual([false, false, false, false]);
  });

  it("bridges the pause between two words", () => {
    expect(follow([[0, 0.5], [200, 0.5], [300, 0], [500, 0.5], [600, 0]])).toEqual([false, true, true, true, true]);
  });
});

it("shows times as clocks do", () => {
  expect([0, 8_000, 1_448_000, 3_723_000, -5].map(clockText)).toEqual(["0:00", "0:08", "24:08", "1:02:03", "0:00"]);
});

it("fits the strip, and leaves room for more people", () => {
  expect(stripRoom({ width: 1416, height: 812 }, false, 5)).toBe(5);
  expect(stripRoom({ width: 1416, height: 812 }, false, 9)).toBe(5);
  expect(stripRoom({ width: 374, height: 600 }, true, 9)).toBe(2);
  expect(stripRoom({ width: 200, height: 600 }, true, 9)).toBe(1);
});

const has = (code: string): boolean => ["en", "de", "pt", "pt-BR", "ja", "no"].includes(code);

it("takes the language that was wished for, its main form, or English", () => {
  expect(languageCode("de", "en-GB", has)).toBe("de");
  expect(languageCode("user", "pt-BR", has)).toBe("pt-BR");
  expect(languageCode("user", "pt-PT", has)).toBe("pt");
  expect(languageCode("jp", "en", has)).toBe("ja");
  expect(languageCode("user", "nb-NO", has)).toBe("no");
  expect(languageCode("xx", "de-DE", has)).toBe("en");
});

it("counts in the forms of the language, with its figures", () => {
  expect(plurals("en")(1, { one: "# page", other: "# pages" })).toBe("1 page");
  expect(plurals("en")(1_200, { one: "# page", other: "# pages" })).toBe("1,200 pages");
  expect(plurals("pl")(3, { one: "# strona", few: "# strony", many: "# stron", other: "# strony" })).toBe("3 strony");
  expect(plurals("ja")(1, { other: "# ページ" })).toBe("1 ページ");
});
