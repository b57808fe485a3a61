import type { CallState, Participant } from "@parlor/browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { abilitiesOf } from "../src/abilities.ts";
import type { Page } from "../src/page.ts";

beforeEach(() => {
  vi.stubGlobal("navigator", { mediaDevices: { getDisplayMedia: () => undefined } });
  vi.stubGlobal("document", { fullscreenEnabled: false });
});
afterEach(() => vi.unstubAllGlobals());

function may(canSend: Participant["permissions"]["canSend"], properties: Record<string, boolean> = {}) {
  const page = { isOn: (name: string, otherwise: boolean) => properties[name] ?? otherwise, embedded: null } as unknown as Page;
  const permissions = { hasPresence: true, canSend, canReceive: { base: true }, canAdmin: false };
  return abilitiesOf(page, { phase: "joined", local: { permissions } } as unknown as CallState);
}

test("an owner may share a screen in a room where others may not", () => {
  expect(may(true, { enable_screenshare: false }).share).toBe(true);
});

test("what permissions do not let one send has no control", () => {
  expect(may(["audio"])).toMatchObject({ mic: true, camera: false, share: false });
});

test("a browser that cannot capture screens offers no share", () => {
  vi.stubGlobal("navigator", { mediaDevices: {} });
  expect(may(true).share).toBe(false);
});
