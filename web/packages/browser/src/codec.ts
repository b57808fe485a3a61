/** Which formats are offered first. */
import { kindOf, type TrackSource } from "@parlor/engine";

/** A format of pictures. */
export type VideoCodec = "vp8" | "vp9" | "av1" | "h264";

/** Preferred formats by what the picture shows. Missing: the browser's order. */
export interface CodecPreferences {
  readonly camera?: VideoCodec;
  readonly screen?: VideoCodec;
}

/**
 * What goes into the one stream of formats that are too dear for several:
 * VP9 three sizes, of which rooms pick one by what its packets say. AV1 says
 * that in an extension which rooms do not read, so it is sent in one size.
 */
const SCALABILITY: Readonly<Partial<Record<VideoCodec, string>>> = { vp9: "L3T3_KEY", av1: "L1T1" };

/** The preferred format of a picture. */
export function codecOf(source: TrackSource, { camera, screen }: CodecPreferences): VideoCodec | undefined {
  if (kindOf(source) === "audio") return undefined;
  return source === "screen-video" ? screen : camera;
}

/** How one stream is made up; `undefined`: there is one for each size. */
export function scalabilityOf(codec: VideoCodec | undefined): string | undefined {
  if (codec === undefined || RTCRtpSender.getCapabilities("video")?.codecs.some(isCodec(codec)) !== true) return undefined;
  return SCALABILITY[codec];
}

/** Puts a transceiver's preferred format first; the rest stays behind it, for those who do not know it. */
export function preferCodec(transceiver: RTCRtpTransceiver, codec: VideoCodec): void {
  const isPreferred = isCodec(codec);
  const known = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  if (known.some(isPreferred)) transceiver.setCodecPreferences([...known.filter(isPreferred), ...known.filter((each) => !isPreferred(each))]);
}

function isCodec(codec: VideoCodec): (known: RTCRtpCodec) => boolean {
  return ({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`;
}
