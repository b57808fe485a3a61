/** Pictures and sound of the call, as elements. */
import type { MainSource } from "@parlor/engine";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { useCall, usePage, useUi } from "./page.ts";
import type { ViewLook } from "./views.ts";

/** The live track of somebody, and its state. Follows device changes. */
export function useTrack(id: string | "local", source: MainSource): { track: MediaStreamTrack | undefined; state: string; off: string | undefined } {
  const page = usePage();
  const view = useCall((call) => (id === "local" || id === call.local.id ? call.local : call.participants.get(id))?.tracks[source]);
  const hasMedia = view?.trackId !== null && view?.trackId !== undefined;
  return { track: hasMedia ? page.call.trackOf(id, source) : undefined, state: view?.state ?? "off", off: view?.off };
}

/** Tells that somebody's video is seen in an element, as long as it is there. */
export function useView(id: string | null, source: "cam-video" | "screen-video", ref: RefObject<Element | null>, look: ViewLook): void {
  const page = usePage();
  useLayoutEffect(() => {
    if (id === null || !ref.current) return;
    return page.views.add({ id, source, element: ref.current, look });
  }, [id, source, look, ref.current !== null]);
}

/** A track as a picture, without sound. */
export function Picture(props: { track: MediaStreamTrack; isMirrored?: boolean; isWhole?: boolean; isActual?: boolean }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = new MediaStream([props.track]);
    // Autoplay of a muted picture is always allowed; a refusal means the element is gone again.
    video.play().catch(() => undefined);
    return () => {
      video.srcObject = null;
    };
  }, [props.track]);
  const look = `vid${props.isMirrored ? " mirrored" : ""}${props.isWhole ? " whole" : ""}${props.isActual ? " actual" : ""}`;
  return <video ref={ref} class={look} autoplay muted playsInline disablePictureInPicture aria-hidden="true" onResize={markUpright} />;
}

/** A picture of an upright phone keeps its head and shoulders: see `.upright`. */
function markUpright(event: Event): void {
  const video = event.currentTarget;
  if (video instanceof HTMLVideoElement) video.classList.toggle("upright", video.videoHeight > video.videoWidth);
}

/** The sound of everybody else: one element for each person and track, wherever their tile is. */
export function Sound() {
  const people = useCall((state) => state.participants);
  return (
    <div hidden>
      {[...people.keys()].map((id) => (
        <Voices key={id} id={id} />
      ))}
    </div>
  );
}

function Voices(props: { id: string }) {
  const page = usePage();
  const voice = useTrack(props.id, "cam-audio");
  const screen = useTrack(props.id, "screen-audio");
  const custom = useCall((state) => state.participants.get(props.id)?.custom);
  const others = Object.entries(custom ?? {}).filter(([, view]) => view.kind === "audio" && view.trackId !== null);
  return (
    <>
      {voice.track ? <Loudspeaker track={voice.track} /> : null}
      {screen.track ? <Loudspeaker track={screen.track} /> : null}
      {others.map(([tag]) => {
        const track = page.call.trackOf(props.id, `custom-audio:${tag}`);
        return track ? <Loudspeaker key={tag} track={track} /> : null;
      })}
    </>
  );
}

function Loudspeaker(props: { track: MediaStreamTrack }) {
  const page = usePage();
  const ref = useRef<HTMLAudioElement>(null);
  const speaker = useCall((state) => state.devices.speaker?.deviceId ?? "");
  const isBlocked = useUi((ui) => ui.isSoundBlocked);
  useEffect(() => {
    const audio = ref.current;
    if (!audio) return;
    audio.srcObject = new MediaStream([props.track]);
    return () => {
      audio.srcObject = null;
    };
  }, [props.track]);
  useEffect(() => {
    // Browsers hold sound back until somebody touches the page; the page then asks for that.
    ref.current?.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") page.ui.update({ isSoundBlocked: true });
    });
  }, [props.track, isBlocked]);
  useEffect(() => {
    const audio = ref.current;
    if (!audio || !("setSinkId" in audio) || audio.sinkId === speaker) return;
    // The chosen speaker may be gone: the default one keeps playing.
    audio.setSinkId(speaker).catch(() => undefined);
  }, [speaker]);
  return <audio ref={ref} autoplay />;
}

/** Any touch of the page lets held-back sound play. */
export function useSoundRelease(): void {
  const page = usePage();
  const isBlocked = useUi((ui) => ui.isSoundBlocked);
  useEffect(() => {
    if (!isBlocked) return;
    const release = () => page.ui.update({ isSoundBlocked: false });
    document.addEventListener("pointerup", release);
    document.addEventListener("keyup", release);
    return () => {
      document.removeEventListener("pointerup", release);
      document.removeEventListener("keyup", release);
    };
  }, [isBlocked]);
}
