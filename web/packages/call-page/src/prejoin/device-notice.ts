import type { CameraError, CaptureFailure } from "@parlor/engine";

/** What keeps the devices from working, as one card says it. */
export type Notice =
  | { readonly kind: "asking" }
  | { readonly kind: "denied"; readonly what: "camera" | "mic" | "both" }
  | { readonly kind: "system" }
  | { readonly kind: "missing"; readonly what: "camera" | "mic" | "both" }
  | { readonly kind: "in-use"; readonly what: "camera" | "mic" }
  | { readonly kind: "failed"; readonly what: "camera" | "mic" }
  | { readonly kind: "insecure" };

/** What the card looks at. */
export interface DeviceScene {
  readonly failed: CameraError["failed"];
  /** State of one's own tracks. */
  readonly camera: string;
  readonly mic: string;
  /** The person goes on without. */
  readonly isDone: boolean;
}

/** The card to show in place of the preview, or `null` when all is well. */
export function noticeFor(scene: DeviceScene): Notice | null {
  const camera = scene.failed["cam-video"];
  const mic = scene.failed["cam-audio"];
  if (camera || mic) return scene.isDone ? null : failureNotice(camera, mic);
  const isWaiting = scene.camera === "interrupted" || scene.camera === "loading";
  const isMicWaiting = scene.mic === "interrupted" || scene.mic === "loading";
  const isAsking = isWaiting || (isMicWaiting && scene.camera === "off");
  return isAsking && !scene.isDone ? { kind: "asking" } : null;
}

function failureNotice(camera: CaptureFailure | undefined, mic: CaptureFailure | undefined): Notice {
  const reasons = new Set([camera?.reason, mic?.reason]);
  const isFor = (reason: CaptureFailure["reason"]) => {
    const [forCamera, forMic] = [camera?.reason === reason, mic?.reason === reason];
    return forCamera && forMic ? "both" : forCamera ? "camera" : "mic";
  };
  const one = camera ? "camera" : "mic";
  if (reasons.has("unsupported")) return { kind: "insecure" };
  if (reasons.has("permission-user")) return { kind: "denied", what: isFor("permission-user") };
  if (reasons.has("permission-browser")) return { kind: "system" };
  if (reasons.has("missing")) return { kind: "missing", what: isFor("missing") };
  if (reasons.has("in-use")) return { kind: "in-use", what: one };
  return { kind: "failed", what: one };
}

/** Which browser's steps to show when permission was denied. */
export function browserFamily(userAgent: string): "chromium" | "firefox" | "safari" | "android" | "ios" {
  // On iPhones and iPads every browser asks as Safari does.
  if (/iPhone|iPad/u.test(userAgent)) return "ios";
  if (/Firefox\//u.test(userAgent)) return "firefox";
  if (/Android/u.test(userAgent)) return "android";
  return /Chrom(e|ium)\//u.test(userAgent) ? "chromium" : "safari";
}

/** Whose privacy settings to name. */
export function systemFamily(userAgent: string): "mac" | "windows" | "other" {
  if (/Windows NT/u.test(userAgent)) return "windows";
  return /Macintosh/u.test(userAgent) ? "mac" : "other";
}
