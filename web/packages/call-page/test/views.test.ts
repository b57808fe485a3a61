import { expect, it } from "vitest";

import { wishesFor, wishForOthers } from "../src/views.ts";

it("wishes for what is seen in the width it is seen, and keeps the next page warm", () => {
  const wishes = wishesFor([{ id: "ana", source: "cam-video", look: "normal", width: 431 }], ["bo", "ana"], { hasCameras: true });
  expect(wishes).toEqual({
    ana: { "cam-video": { is_paused: false, priority: "normal", width: 440 } },
    bo: { "cam-video": { is_paused: false, priority: "normal", max_layer: 0 } },
  });
});

it("takes the larger of two views of one video", () => {
  const wishes = wishesFor([{ id: "ana", source: "cam-video", look: "speaker", width: 1200 }, { id: "ana", source: "cam-video", look: "normal", width: 200 }], [], { hasCameras: true });
  expect(wishes["ana"]?.["cam-video"]).toMatchObject({ width: 1200, priority: "speaker" });
});

it("wishes for screens only when pictures of people are switched off", () => {
  const wishes = wishesFor([{ id: "ana", source: "cam-video", look: "normal", width: 400 }, { id: "ana", source: "screen-video", look: "screen", width: 1200 }], ["bo"], { hasCameras: false });
  expect(wishes).toEqual({ ana: { "screen-video": { is_paused: false, priority: "screen", width: 1200 } } });
});

it("lets newcomers come at once where everybody is seen, and stand still where not", () => {
  const wishes = wishesFor([{ id: "ana", source: "cam-video", look: "normal", width: 400 }], [], { hasCameras: true });
  expect(wishForOthers(wishes, ["ana"], { hasCameras: true })).toMatchObject({ is_paused: false, max_layer: 0 });
  expect(wishForOthers(wishes, ["ana", "bo"], { hasCameras: true })).toMatchObject({ is_paused: true });
  expect(wishForOthers(wishes, ["ana"], { hasCameras: false })).toMatchObject({ is_paused: true });
});
