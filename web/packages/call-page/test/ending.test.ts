import type { CallError } from "@parlor/browser";
import { describe, expect, it, test } from "vitest";

import { endingOf, isBrowserAble, lastedSince } from "../src/model/ending.ts";
import { wordEnding } from "../src/ending/wording.ts";
import { en } from "../src/texts/en.ts";

const error = (reason: CallError["reason"], more: Partial<CallError> = {}): CallError => ({ reason, info: "why", during: "join", ...more });

describe("the page for a failure", () => {
  test.each([
    ["no-room", "no-room"],
    ["not-allowed", "private"],
    ["exp-room", "closed"],
    ["exp-token", "closed"],
    ["nbf-room", "early"],
    ["nbf-token", "early"],
    ["meeting-full", "full"],
    ["connection-error", "unreachable"],
  ] as const)("%s leads to %s", (reason, kind) => {
    expect(endingOf(error(reason), true).kind).toBe(kind);
  });

  it("tells a network that is away from a server that is away", () => {
    expect(endingOf(error("connection-error"), false).kind).toBe("offline");
  });

  test.each([
    ["time_limit", "time-over"],
    ["replaced", "replaced"],
    ["room_ended", "ended"],
    ["protocol_error", "trouble"],
    ["disconnected", "trouble"],
    ["left", "removed"],
  ] as const)("removal by %s leads to %s", (removal, kind) => {
    expect(endingOf(error("removed", { removal, during: "call" }), true).kind).toBe(kind);
  });

  it("knows when an early room opens", () => {
    expect(endingOf(error("nbf-room", { opensAt: 1_800_000_000 }), true).opensAt).toBe(1_800_000_000_000);
  });

  it("keeps the server's words for support", () => {
    expect(endingOf(error("no-room"), true).info).toBe("why");
  });
});

describe("the words", () => {
  const scene = { texts: en, locale: "en-GB", room: "design-review", host: "studio.example", wasIn: true };

  it("names the address that has no room", () => {
    expect(wordEnding({ kind: "no-room" }, scene).fact).toBe("studio.example/design-review");
  });

  it("says how long the call lasted", () => {
    expect(wordEnding({ kind: "left", lasted: 47 * 60_000 }, scene).text).toBe("You were in design-review for 47 minutes.");
    expect(wordEnding({ kind: "left", lasted: 20_000 }, scene).text).toBe("You were in design-review for less than a minute.");
  });

  it("says that the call goes on only to who was in it", () => {
    expect(wordEnding({ kind: "offline" }, scene).text).toContain("goes on without you");
    expect(wordEnding({ kind: "offline" }, { ...scene, wasIn: false }).text).not.toContain("goes on without you");
  });

  it("has a title of at most six words and one way out for every kind", () => {
    const kinds = ["no-room", "private", "closed", "full", "early", "removed", "time-over", "replaced", "ended", "left", "offline", "unreachable", "too-old", "trouble"] as const;
    for (const kind of kinds) {
      const words = wordEnding({ kind }, scene);
      expect(words.title.split(" ").length).toBeLessThanOrEqual(6);
      expect(words.action).not.toBe("");
      expect(`${words.title} ${words.text}`).not.toMatch(/error|please|oops|!/iu);
    }
  });
});

it("asks for what a call needs of a browser", () => {
  expect(isBrowserAble({ RTCPeerConnection: Event, WebSocket: Event })).toBe(true);
  expect(isBrowserAble({ WebSocket: Event })).toBe(false);
});

it("counts the time in the call, if there was any", () => {
  expect(lastedSince(null, 5)).toEqual({});
  expect(lastedSince(1_000, 61_000)).toEqual({ lasted: 60_000 });
});
