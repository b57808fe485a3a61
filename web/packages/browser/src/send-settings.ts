/**
 * How videos are sent, as daily-js words it: by preset, or by encodings of our
 * users' own. From these to what each encoding of a sender may be.
 */
import { tagOf, type TrackSource } from "@parlor/engine";

/** A ready-made choice for cameras. */
export type CameraPreset =
  | "default-video"
  | "bandwidth-optimized"
  | "bandwidth-and-quality-balanced"
  | "quality-optimized"
  | "adaptive-2-layers"
  | "adaptive-3-layers";

/** A ready-made choice for screens. */
export type ScreenPreset = "default-screen-video" | "detail-optimized" | "motion-optimized" | "motion-and-detail-balanced";

/** What one encoding may be. Missing: as we choose. */
export interface EncodingSettings {
  readonly maxBitrate?: number;
  readonly maxFramerate?: number;
  readonly scaleResolutionDownBy?: number;
}

/** How one video is sent, in detail. */
export interface VideoSettings {
  /** The best encoding that is sent. */
  readonly maxQuality?: "low" | "medium" | "high";
  readonly encodings?: { readonly low?: EncodingSettings; readonly medium?: EncodingSettings; readonly high?: EncodingSettings };
  /** Whether encodings that nobody receives rest. */
  readonly allowAdaptiveLayers?: boolean;
}

/** By `video`, `screenVideo`, `customVideoDefaults` or the tag of a custom track; a tag that is one of these words has the defaults. */
export type SendSettings = Readonly<Record<string, VideoSettings | CameraPreset | ScreenPreset>>;

/** Names of encodings, from the smallest picture to the largest. */
export const RIDS = ["q", "h", "f"] as const;

/** An encoding's name on the wire. */
export type Rid = (typeof RIDS)[number];

/** What one encoding of a sender is. */
export interface Encoding {
  readonly rid: Rid;
  readonly isActive: boolean;
  readonly maxBitrate: number;
  readonly maxFramerate: number;
  readonly scaleResolutionDownBy: number;
}

/** How one sender sends. */
export interface SendPlan {
  readonly encodings: readonly Encoding[];
  /** Whether encodings that nobody receives rest; `null`: all do but the smallest, which may too if the room's properties say so. */
  readonly isAdaptive: boolean | null;
}

const QUALITY_RIDS = { low: "q", medium: "h", high: "f" } as const;
const QUALITIES = ["low", "medium", "high"] as const;

const SCALE = { q: 4, h: 2, f: 1 } as const;

type Row = Readonly<Partial<Record<Rid, readonly [maxBitrate: number, maxFramerate: number]>>>;

interface Preset {
  readonly row: Row;
  readonly isAdaptive?: boolean;
}

/**
 * Bits a second and frames a second of each encoding. More makes faces
 * sharper; less spares uplinks and old computers.
 */
const CAMERA: Readonly<Record<CameraPreset, Preset>> = {
  "default-video": { row: { q: [150_000, 20], h: [500_000, 30], f: [1_500_000, 30] } },
  "bandwidth-optimized": { row: { q: [80_000, 10], h: [250_000, 15] } },
  "bandwidth-and-quality-balanced": { row: { q: [100_000, 15], h: [300_000, 20], f: [700_000, 30] } },
  "quality-optimized": { row: { q: [150_000, 20], h: [600_000, 30], f: [2_500_000, 30] } },
  "adaptive-2-layers": { row: { h: [400_000, 30], f: [1_500_000, 30] }, isAdaptive: true },
  "adaptive-3-layers": { row: { q: [150_000, 20], h: [500_000, 30], f: [1_500_000, 30] }, isAdaptive: true },
};

/** Text wants pixels, films want frames. */
const SCREEN: Readonly<Record<ScreenPreset, Preset & { readonly hint: "detail" | "motion" }>> = {
  "default-screen-video": { row: { h: [500_000, 5], f: [2_500_000, 15] }, hint: "detail" },
  "detail-optimized": { row: { f: [2_500_000, 5] }, hint: "detail" },
  "motion-optimized": { row: { f: [2_500_000, 30] }, hint: "motion" },
  "motion-and-detail-balanced": { row: { h: [600_000, 15], f: [2_500_000, 20] }, hint: "detail" },
};

/** How one video is to be sent. */
export function planOf(source: TrackSource, settings: SendSettings): SendPlan {
  const isScreen = source === "screen-video";
  const setting = settingOf(source, settings);
  if (typeof setting === "string") return presetPlan(own<Preset>(isScreen ? SCREEN : CAMERA, setting), isScreen);
  const preset = isScreen ? SCREEN["default-screen-video"] : CAMERA["default-video"];
  return setting ? ownPlan(setting, preset, isScreen) : presetPlan(preset, isScreen);
}

/** How large a track's pictures are. Missing: not known. */
export interface PictureSize {
  readonly width?: number;
  readonly height?: number;
}

/** Least pixels of a picture for so many encodings. libwebrtc sends no more of smaller ones, and leaves out the largest. */
const MIN_PIXELS = [
  { encodings: 3, pixels: 960 * 540 },
  { encodings: 2, pixels: 480 * 270 },
] as const;

/** The plan for pictures of that size: of small ones fewer encodings, the last of which is the whole picture. */
export function fitted(plan: SendPlan, { width, height }: PictureSize): SendPlan {
  const pixels = width === undefined || height === undefined ? Infinity : width * height;
  const most = MIN_PIXELS.find((each) => pixels >= each.pixels)?.encodings ?? 1;
  if (plan.encodings.length <= most) return plan;
  const encodings = plan.encodings.map((encoding, index): Encoding => {
    if (index >= most) return { ...encoding, isActive: false };
    return { ...encoding, scaleResolutionDownBy: 2 ** (most - 1 - index) };
  });
  return { ...plan, encodings: atLeastOne(encodings) };
}

/**
 * The encodings that are sent when only these are received. For one that the
 * plan leaves out, the next smaller one serves, or else the smallest. Unless
 * the room adapts, the smallest stands by for those who come, or fall behind.
 */
export function sentRids({ encodings, isAdaptive }: SendPlan, received: readonly string[], isRoomAdaptive: boolean): ReadonlySet<string> {
  const active = encodings.filter(({ isActive }) => isActive).map(({ rid }) => rid);
  if (received.length === 0) return new Set();
  if (isAdaptive === false) return new Set(active);
  const standby = isAdaptive === null && !isRoomAdaptive ? active.slice(0, 1) : [];
  const servant = (rid: string): string | undefined => {
    const rank = RIDS.findIndex((each) => each === rid);
    return active.findLast((each) => RIDS.indexOf(each) <= rank) ?? active[0];
  };
  return new Set([...standby, ...received.flatMap((rid) => servant(rid) ?? [])]);
}

/** What a screen's picture is mostly, so that the browser knows what to keep when bits are scarce. */
export function hintOf(settings: SendSettings): "detail" | "motion" {
  const setting = settings["screenVideo"];
  return typeof setting === "string" ? (own(SCREEN, setting)?.hint ?? "detail") : "detail";
}

function settingOf(source: TrackSource, settings: SendSettings): SendSettings[string] | undefined {
  if (source === "cam-video") return settings["video"];
  if (source === "screen-video") return settings["screenVideo"];
  const tag = tagOf(source);
  if (tag === null) return undefined;
  return (WORDS.has(tag) ? undefined : own(settings, tag)) ?? settings["customVideoDefaults"];
}

/** What names a video that is no custom track. */
const WORDS: ReadonlySet<string> = new Set(["video", "screenVideo", "customVideoDefaults"]);

/** Applications choose tags and presets; `constructor` is none that we know. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Screens have no small picture: nobody could read it. */
function ridsOf(isScreen: boolean): readonly Rid[] {
  return isScreen ? ["h", "f"] : RIDS;
}

function presetPlan(preset: Preset | undefined, isScreen: boolean): SendPlan {
  const { row, isAdaptive } = preset ?? (isScreen ? SCREEN["default-screen-video"] : CAMERA["default-video"]);
  const encodings = ridsOf(isScreen).map((rid): Encoding => {
    const [maxBitrate, maxFramerate] = row[rid] ?? [0, 0];
    return { rid, isActive: row[rid] !== undefined, maxBitrate: maxBitrate || 100_000, maxFramerate: maxFramerate || 15, scaleResolutionDownBy: SCALE[rid] };
  });
  return { encodings, isAdaptive: isAdaptive ?? null };
}

function ownPlan({ maxQuality = "high", encodings: own, allowAdaptiveLayers }: VideoSettings, preset: Preset, isScreen: boolean): SendPlan {
  const best = QUALITIES.indexOf(maxQuality);
  const encodings = presetPlan(preset, isScreen).encodings.map((encoding): Encoding => {
    const quality = QUALITIES.findIndex((name) => QUALITY_RIDS[name] === encoding.rid);
    const given = own?.[QUALITIES[quality] ?? "low"];
    // Whoever names encodings gets just these; a screen's only one is its best.
    const isNamed = own === undefined || given !== undefined;
    return { ...encoding, ...given, isActive: isNamed && quality <= best };
  });
  return { encodings: atLeastOne(encodings), isAdaptive: allowAdaptiveLayers ?? null };
}

/** Nothing to send is no quality: the smallest stays. */
function atLeastOne(encodings: readonly Encoding[]): readonly Encoding[] {
  if (encodings.some(({ isActive }) => isActive)) return encodings;
  return encodings.map((encoding, index) => (index === 0 ? { ...encoding, isActive: true } : encoding));
}
