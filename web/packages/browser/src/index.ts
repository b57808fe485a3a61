/** The call in a browser. */
export * from "./call.ts";
export type { ActOutcome } from "./act.ts";
export type { CheckKind, CheckOptions, CheckResult, QualityCheckOptions, QualityCheckOutcome } from "./checks.ts";
export type { CodecPreferences, VideoCodec } from "./codec.ts";
export type { CpuFigures, DecoderFigures } from "./cpu-figures.ts";
export { metricFigures, type LatestFigures, type NetworkStats, type WorstFigures } from "./figures.ts";
export type { LocalRecordingOptions } from "./local-recording.ts";
export type { AudioProcessor, VideoProcessor } from "./processors.ts";
export type { CameraPreset, EncodingSettings, ScreenPreset, SendSettings, VideoSettings } from "./send-settings.ts";
export { customSource, kindOf, tagOf, wantedOf } from "@parlor/engine";
export type * from "./state.ts";
export { createCall } from "./create-call.ts";
export { parseRoomAddress, type RoomAddress } from "./room-address.ts";
