/**
 * What concerns the page of a frame. A frame handles it before it comes here;
 * beside an application's own page there is nothing that it could act on.
 */
import type { Action, Actions } from "../actions.ts";

const nothing: Action = () => undefined;

export const frameActions: Actions = {
  "load-css": nothing,
  "set-theme": nothing,
  "set-show-names": nothing,
  "set-show-local-video": nothing,
  "set-show-participants-bar": nothing,
  "set-active-speaker-mode": nothing,
  "set-sidebar-view": nothing,
  "get-sidebar-view": () => ({ view: null }),
  "update-custom-tray-buttons": nothing,
  "set-custom-integrations": nothing,
  "start-custom-integrations": nothing,
  "stop-custom-integrations": nothing,
  "daily-method-set-play-ding": nothing,
  fullscreen: nothing,
  "exited-fullscreen": nothing,
  "iframe-launch-config": nothing,
  // Only frames have something to hand mouse events to.
  "register-input-handler": nothing,
  // Of React Native, whose application has its own machine.
  "set-camera": () => ({ device: null }),
  "get-camera-facing-mode": () => ({ facingMode: null }),
};
