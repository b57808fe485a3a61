import { expect, it } from "vitest";

import { heard, parseTranscript, shownCaption, type Caption } from "../src/model/captions.ts";

const said = (text: string, at: number): Caption => ({ key: at, from: "ana", name: "Ana", text, at });

it("shows the newest words while they are fresh", () => {
  const log = heard(heard([], said("One.", 0)), said("Two.", 1_000));
  expect(shownCaption(log, 2_000)?.text).toBe("Two.");
  expect(shownCaption(log, 60_000)).toBeNull();
});

it("keeps five minutes, and no endless text", () => {
  const log = heard([said("Old.", 0)], said("x".repeat(9_999), 301_000));
  expect(log).toHaveLength(1);
  expect(log[0]?.text).toHaveLength(400);
});

it("takes only words of a transcription", () => {
  expect(parseTranscript({ event: "transcription-message", participantId: "ana", text: " Hello. " })).toEqual({ participant: "ana", text: "Hello." });
  for (const data of [null, "x", {}, { event: "transcription-message", participantId: 1, text: "x" }, { event: "transcription-message", participantId: "ana", text: " " }]) expect(parseTranscript(data)).toBeNull();
});
