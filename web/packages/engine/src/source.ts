/** Names of tracks: the four that everybody has, and the custom ones. */
import type { MediaKind, TrackSource } from "@parlor/protocol";

/** A track that everybody has. */
export type MainSource = "cam-audio" | "cam-video" | "screen-audio" | "screen-video";

/** Camera or microphone. */
export type CamSource = "cam-audio" | "cam-video";

/** A track of the application's own, by its tag. */
export type CustomSource = Exclude<TrackSource, MainSource>;

/** What a track is made of. */
export type MediaKindName = "audio" | "video";

/** The main sources, in the order in which they are offered. */
export const SOURCES: readonly MainSource[] = ["cam-audio", "cam-video", "screen-video", "screen-audio"];

/** Camera and microphone. */
export const CAM_SOURCES = ["cam-audio", "cam-video"] as const;

/** Screen and its sound. */
export const SCREEN_SOURCES = ["screen-video", "screen-audio"] as const;

/** Most custom tracks of one participant; the room takes no more. */
export const MAX_CUSTOM_TRACKS = 8;

const MAIN: ReadonlySet<string> = new Set(SOURCES);
const CUSTOM = /^custom-(audio|video):(.*)$/su;

/** Whether everybody has such a track. */
export function isMain(source: TrackSource): source is MainSource {
  return MAIN.has(source);
}

/** Whether a device of the person makes it. */
export function isCam(source: TrackSource): source is CamSource {
  return source === "cam-audio" || source === "cam-video";
}

/** Sound or picture. */
export function kindOf(source: TrackSource): MediaKindName {
  return source === "cam-audio" || source === "screen-audio" || source.startsWith("custom-audio:") ? "audio" : "video";
}

/** The name of a custom track. */
export function customSource(kind: MediaKindName, tag: string): CustomSource {
  return kind === "audio" ? `custom-audio:${tag}` : `custom-video:${tag}`;
}

/** The tag of a custom track; `null` for others. */
export function tagOf(source: TrackSource): string | null {
  return CUSTOM.exec(source)?.[2] ?? null;
}

const GRANTS: Readonly<Record<MainSource, MediaKind>> = {
  "cam-audio": "audio",
  "cam-video": "video",
  "screen-audio": "screenAudio",
  "screen-video": "screenVideo",
};

/** What one must be allowed to send. */
export function grantOf(source: TrackSource): MediaKind {
  if (isMain(source)) return GRANTS[source];
  return kindOf(source) === "audio" ? "customAudio" : "customVideo";
}
