import type { CallState, Participant } from "@parlor/browser";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { abilitiesOf } from "../src/abilities.ts";
import type { Page } from "../src/page.ts";

beforeEach(() => {
  vi.stubGlobal("navigator", { mediaDevices: { getDisplayMedia: () => undefined } });
  vi.stubGlobal("document", { fullscreenEnabled: false });
});
afterEach(() => vi.unstubAllGlobals());

function may(canSend: Participant["permissions"]["canSend"], properties: Record<string, unknown> = {}, isOwner = false) {
  const page = { property: (name: string) => properties[name], isOn: (name: string, otherwise: boolean) => properties[name] ?? otherwise, embedded: null } as unknown as Page;
  const permissions = { hasPresence: true, canSend, canReceive: { base: true }, canAdmin: false };
  return abilitiesOf(page, { phase: "joined", local: { permissions, isOwner } } as unknown as CallState);
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

test("who has the record button gets the kind of recording that the room allows", () => {
  expect(may(true, { enable_recording: "cloud" }, true).record).toBeNull();
  expect(may(true, { enable_recording: "cloud", enable_recording_ui: true }, true).record).toBe("cloud");
  expect(may(true, { enable_recording: "cloud", enable_recording_ui: true }).record).toBeNull();
  expect(may(true, { enable_recording: ["local", "raw-tracks"], enable_recording_ui: true }, true).record).toBe("raw-tracks");
  expect(may(true, { enable_recording: "local", enable_recording_ui: true }).record).toBe("local");
});

test("what the browser can do to picture and sound is offered, unless the room hides it", () => {
  vi.stubGlobal("navigator", { mediaDevices: { getSupportedConstraints: () => ({ backgroundBlur: true, noiseSuppression: true }) } });
  expect(may(true)).toMatchObject({ blur: true, noise: true });
  expect(may(true, { enable_video_processing_ui: false, enable_noise_cancellation_ui: false })).toMatchObject({ blur: false, noise: false });
  vi.stubGlobal("navigator", { mediaDevices: { getSupportedConstraints: () => ({}) } });
  expect(may(true)).toMatchObject({ blur: false, noise: false });
});
