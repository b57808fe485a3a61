/** Which formats are offered first. */
import { kindOf, type TrackSource } from "@parlor/engine";

/** A format of pictures. */
export type VideoCodec = "vp8" | "vp9" | "av1" | "h264";

/** Preferred formats by what the picture shows. Missing: the browser's order. */
export interface CodecPreferences {
  readonly camera?: VideoCodec;
  readonly screen?: VideoCodec;
}

/** Several sizes in one stream: what VP9 and AV1 do instead of several streams. */
const LAYERED = "L3T3_KEY";

/** The preferred format of a picture. */
export function codecOf(source: TrackSource, { camera, screen }: CodecPreferences): VideoCodec | undefined {
  if (kindOf(source) === "audio") return undefined;
  return source === "screen-video" ? screen : camera;
}

/** How the sizes are put into one stream; `undefined`: they are streams of their own. */
export function scalabilityOf(codec: VideoCodec | undefined): string | undefined {
  if (codec !== "vp9" && codec !== "av1") return undefined;
  return RTCRtpSender.getCapabilities("video")?.codecs.some(isCodec(codec)) === true ? LAYERED : undefined;
}

/** Puts a transceiver's preferred format first; the rest stays behind it, for those who do not know it. */
export function preferCodec(transceiver: RTCRtpTransceiver, codec: VideoCodec): void {
  prefer(transceiver, "video", isCodec(codec));
}

/** Voices with each packet's sound in the next one too, where browser and room can. */
export function preferRedundancy(transceiver: RTCRtpTransceiver): void {
  prefer(transceiver, "audio", ({ mimeType }) => mimeType.toLowerCase() === "audio/red");
}

function prefer(transceiver: RTCRtpTransceiver, kind: "audio" | "video", isPreferred: (codec: RTCRtpCodec) => boolean): void {
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  if (known.some(isPreferred)) transceiver.setCodecPreferences([...known.filter(isPreferred), ...known.filter((each) => !isPreferred(each))]);
}

function isCodec(codec: VideoCodec): (known: RTCRtpCodec) => boolean {
  return ({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`;
}
