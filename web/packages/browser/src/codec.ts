/** Which formats are offered first. */
import { kindOf, type TrackSource } from "@parlor/engine";

/** A format of pictures. */
export type VideoCodec = "vp8" | "vp9" | "av1" | "h264";

/** Preferred formats by what the picture shows. Missing: the browser's order. */
export interface CodecPreferences {
  readonly camera?: VideoCodec;
  readonly screen?: VideoCodec;
}

/** The preferred format of a picture. */
export function codecOf(source: TrackSource, { camera, screen }: CodecPreferences): VideoCodec | undefined {
  if (kindOf(source) === "audio") return undefined;
  return source === "screen-video" ? screen : camera;
}

/** Puts a transceiver's preferred format first; the rest stays behind it, for those who do not know it. */
export function preferCodec(transceiver: RTCRtpTransceiver, codec: VideoCodec | undefined): void {
  if (codec === undefined) return;
  const known = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  const isPreferred = ({ mimeType }: { readonly mimeType: string }): boolean => mimeType.toLowerCase() === `video/${codec}`;
  if (known.some(isPreferred)) transceiver.setCodecPreferences([...known.filter(isPreferred), ...known.filter((each) => !isPreferred(each))]);
}
