/**
 * What our encoders are told by format parameters of the answer: browsers take
 * them from there, and have no other way to be told.
 */
import { kindOf, type TrackSource } from "@parlor/engine";

import type { VideoCodec } from "./codec.ts";

/**
 * Chromium begins to send video at 300 kbit/s, whatever the network, and takes
 * many seconds to reach 720p. More shows faces sharp at once; less spares slow
 * uplinks the first second. Other browsers ignore it.
 */
const START_KBPS = 800;
/** Bits a second of music, which voices do not need. */
const MUSIC_BPS = 128_000;

/** What is sent on a section of the answer, if anything is. */
export interface Sent {
  readonly source: TrackSource;
  /** Sound that is no voice. */
  readonly isMusic: boolean;
  /** The format to be sent, where the room takes it, whatever the room would rather have. */
  readonly codec?: VideoCodec | undefined;
}

/** What holds for all sounds. */
export interface SoundSettings {
  /** Redundancy within packets, from which a lost one is guessed. */
  readonly hasFec: boolean;
}

type Parameters = Readonly<Record<string, string>>;

const FORMAT = /^a=rtpmap:(\d+) ([^/]+)\//i;
const PARAMETERS = /^a=fmtp:(\d+) (.*)$/;
/** Codecs that carry pictures; not retransmission or error correction. */
const PICTURES = new Set(["vp8", "vp9", "h264", "av1"]);

/** The answer with the parameters of each of our formats. */
export function withParameters(sdp: string, sentOn: (mid: string) => Sent | undefined, sound: SoundSettings): string {
  const [session = "", ...media] = sdp.split(/(?=^m=)/m);
  return [session, ...media.map((section) => withSection(section, sentOn, sound))].join("");
}

function withSection(section: string, sentOn: (mid: string) => Sent | undefined, sound: SoundSettings): string {
  const sent = sentOn(/^a=mid:(.*?)\r?$/m.exec(section)?.[1] ?? "");
  if (!sent) return section;
  const lines = section.split("\r\n");
  const added = new Map<string, Parameters>();
  for (const line of lines) {
    const [, format, codec = ""] = FORMAT.exec(line) ?? [];
    const parameters = parametersOf(codec.toLowerCase(), sent, sound);
    if (format !== undefined && parameters) added.set(format, parameters);
  }
  const described = new Set(lines.flatMap((line) => PARAMETERS.exec(line)?.[1] ?? []));
  const changed = lines.flatMap((line) => withLine(line, added, described));
  return preferring(sent.codec, changed).join("\r\n");
}

/** Encoders take the first format that the answer names. */
function preferring(wanted: VideoCodec | undefined, [first = "", ...lines]: readonly string[]): readonly string[] {
  const formats = new Set(
    lines.flatMap((line) => {
      const [, format = "", codec = ""] = FORMAT.exec(line) ?? [];
      return wanted !== undefined && codec.toLowerCase() === wanted ? [format] : [];
    }),
  );
  // m=video 9 UDP/TLS/RTP/SAVPF 96 97 …
  const [kind, port, protocol, ...all] = first.split(" ");
  const isPreferred = (format: string): boolean => formats.has(format);
  const ordered = [...all.filter(isPreferred), ...all.filter((format) => !isPreferred(format))];
  return [[kind, port, protocol, ...ordered].join(" "), ...lines];
}

function parametersOf(codec: string, { source, isMusic }: Sent, { hasFec }: SoundSettings): Parameters | undefined {
  if (kindOf(source) === "video") return PICTURES.has(codec) ? { "x-google-start-bitrate": String(START_KBPS) } : undefined;
  if (codec !== "opus") return undefined;
  const fec = { useinbandfec: hasFec ? "1" : "0" };
  // Pauses of a voice need no packets; those of music are part of it.
  return isMusic ? { ...fec, stereo: "1", maxaveragebitrate: String(MUSIC_BPS) } : { ...fec, usedtx: "1" };
}

function withLine(line: string, added: ReadonlyMap<string, Parameters>, described: ReadonlySet<string>): string[] {
  const [, format] = FORMAT.exec(line) ?? [];
  if (format !== undefined && added.has(format) && !described.has(format)) return [line, `a=fmtp:${format} ${joined(added.get(format) ?? {})}`];
  const [, known, value = ""] = PARAMETERS.exec(line) ?? [];
  const parameters = known === undefined ? undefined : added.get(known);
  if (!parameters) return [line];
  const kept = value.split(";").filter((each) => !((each.split("=")[0] ?? "").trim() in parameters));
  return [`a=fmtp:${known} ${[...kept, joined(parameters)].join(";")}`];
}

function joined(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(";");
}
