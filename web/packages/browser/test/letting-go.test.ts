/** What is held of tracks and devices, and that it is let go. */
import { customSource, type Fact } from "@parlor/engine";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Capture } from "../src/capture.ts";
import { LocalRecording } from "../src/local-recording.ts";
import { PeerConnection } from "../src/peer-connection.ts";

class Track extends EventTarget {
  readonly id = "track";
  readonly kind = "video";
  readyState = "live";
  stop(): void {
    this.readyState = "ended";
  }
}

class Stream {
  readonly tracks: Track[];
  constructor(tracks: Track[] = []) {
    this.tracks = tracks;
  }
  addTrack(track: Track): void {
    this.tracks.push(track);
  }
  removeTrack(): void {}
  getTracks = (): Track[] => this.tracks;
  getVideoTracks = (): Track[] => this.tracks;
  getAudioTracks = (): Track[] => this.tracks;
}

function record(): LocalRecording {
  return new LocalRecording(() => ({ videos: [], audios: [] }), {}, { data: () => undefined, failed: () => undefined });
}

beforeEach(() => vi.stubGlobal("MediaStream", Stream));
afterEach(() => vi.unstubAllGlobals());

test("an application's own track is watched once, and only while it is in use", () => {
  const facts: Fact[] = [];
  const capture = new Capture((fact) => facts.push(fact));
  const track = new Track();
  const source = customSource("video", "board");
  for (let count = 0; count < 3; count += 1) capture.setCustom(source, track as unknown as MediaStreamTrack);
  track.dispatchEvent(new Event("ended"));
  expect(facts).toEqual([{ type: "capture-ended", source, trackId: "track" }]);
  capture.release(source);
  track.dispatchEvent(new Event("ended"));
  expect(facts).toHaveLength(1);
});

test("so is a camera that the application brought", async () => {
  const facts: Fact[] = [];
  const capture = new Capture((fact) => facts.push(fact));
  const track = new Track();
  capture.choose({ camera: { kind: "track", track: track as unknown as MediaStreamTrack } });
  await capture.start(1, ["cam-video"]);
  await capture.start(2, ["cam-video"]);
  track.dispatchEvent(new Event("ended"));
  expect(facts.filter(({ type }) => type === "capture-ended")).toHaveLength(1);
});

test("a recording that does not come about lets go of what it made", () => {
  const close = vi.fn(() => Promise.resolve());
  const painted = new Track();
  class Sound {
    close = close;
    resume = (): Promise<void> => Promise.resolve();
    createMediaStreamDestination = (): object => ({ stream: new Stream([new Track()]) });
  }
  class Refusing {
    static isTypeSupported = (): boolean => true;
    constructor() {
      throw new Error("no recorder left");
    }
  }
  vi.stubGlobal("AudioContext", Sound);
  vi.stubGlobal("MediaRecorder", Refusing);
  vi.stubGlobal("document", { createElement: () => ({ getContext: () => null, captureStream: () => new Stream([painted]) }) });
  expect(record).toThrow("no recorder left");
  expect(close).toHaveBeenCalledOnce();
  expect(painted.readyState).toBe("ended");
  Refusing.isTypeSupported = () => false;
  expect(record).toThrow("cannot record");
  expect(close).toHaveBeenCalledOnce();
});

test("a camera that comes later rests as the call rests by then", async () => {
  const written: RTCRtpSendParameters[] = [];
  class Peer extends EventTarget {
    addTransceiver = (_kind: string, { sendEncodings }: RTCRtpTransceiverInit): object => {
      const sender = { getParameters: () => ({ encodings: structuredClone(sendEncodings) }), setParameters: (parameters: RTCRtpSendParameters) => written.push(parameters) };
      return { sender };
    };
  }
  vi.stubGlobal("RTCPeerConnection", Peer);
  const connection = new PeerConnection(1, { configuration: {}, sending: {}, codecs: {}, isAdaptive: false, hasFec: true }, () => undefined);
  connection.setAdaptive(true);
  connection.addSender("cam-video");
  connection.setLayers("cam-video", ["f"]);
  await vi.waitFor(() => expect(written).toHaveLength(1));
  expect(written[0]?.encodings.map(({ rid, active }) => [rid, active])).toEqual([["q", false], ["h", false], ["f", true]]);
});
