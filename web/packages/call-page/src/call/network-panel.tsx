import { Bars, Button } from "@parlor/ui";
import type { NetworkStats } from "@parlor/browser";
import { useEffect, useRef, useState } from "preact/hooks";

import { setIncomingVideo } from "../incoming-video.ts";
import { useCall, usePage, useUi } from "../page.ts";

/** How often the figures are looked at; the call measures every two seconds. */
const LOOK_EVERY_MS = 2_000;

const LIT = { good: 3, weak: 2, poor: 1 } as const;

/** How the connection does; where the room shows that, or when it does badly. */
export function NetworkBars() {
  const page = usePage();
  const { connection } = page.language.texts.dock;
  const quality = useCall((state) => state.network.quality);
  const isOpen = useUi((ui) => ui.menu === "network");
  const hasPanel = page.isOn("enable_network_ui", false);
  if (quality === "unknown" || (quality === "good" && !hasPanel)) return null;
  const bars = <Bars lit={LIT[quality]} name={connection[quality]} />;
  const word = quality === "good" ? null : <span class="word" aria-hidden="true">{connection[quality]}</span>;
  if (!hasPanel) return <span class={`net ${quality}`}>{bars}{word}</span>;
  return (
    <span class="net-box">
      <button type="button" class={`net ${quality}`} aria-expanded={isOpen} onClick={() => page.ui.update({ menu: isOpen ? null : "network" })}>{bars}{word}</button>
      {isOpen ? <NetworkPanel /> : null}
    </span>
  );
}

function NetworkPanel() {
  const page = usePage();
  const { network } = page.language.texts;
  const { locale } = page.language;
  const root = useRef<HTMLDivElement>(null);
  const stats = useStats();
  const quality = useCall((state) => state.network.quality);
  const isVideoOff = useUi((ui) => ui.isVideoOff);
  const done = quality === "good" || quality === "unknown" ? "" : network.doneWeak;
  useEffect(() => {
    const close = () => page.ui.update({ menu: null });
    const closeOutside = (event: PointerEvent) => {
      if (!(event.target instanceof Node && root.current?.parentElement?.contains(event.target))) close();
    };
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") close();
    };
    document.addEventListener("pointerdown", closeOutside);
    document.addEventListener("keydown", closeByKey);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      document.removeEventListener("keydown", closeByKey);
    };
  }, []);
  return (
    <div class="menu net-panel" ref={root} role="group" aria-label={network.name}>
      <h2>{network.name}</h2>
      <dl>
        <Figure name={network.sending} value={figure(bitrate(stats?.sendBps), "kbit/s", locale)} />
        <Figure name={network.receiving} value={figure(bitrate(stats?.recvBps), "kbit/s", locale)} />
        <Figure name={network.loss} value={figure(percent(stats), "%", locale)} />
        <Figure name={network.roundTrip} value={figure(milliseconds(stats?.roundTripSecs), "ms", locale)} />
      </dl>
      {done === "" ? null : <p class="done">{done}</p>}
      {quality === "good" && !isVideoOff ? null : <Button size="s" isWide onClick={() => setIncomingVideo(page, isVideoOff)}>{isVideoOff ? network.videoOn : network.videoOff}</Button>}
    </div>
  );
}

function Figure(props: { name: string; value: string }) {
  return <div><dt>{props.name}</dt><dd class="num">{props.value}</dd></div>;
}

function useStats(): NetworkStats | null {
  const page = usePage();
  const [stats, setStats] = useState<NetworkStats | null>(null);
  useEffect(() => {
    const look = () => void page.call.networkStats().then(setStats);
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return stats;
}

/** A figure as the language writes it, with its unit after a narrow space. What is not known is a dash, and never a zero. */
function figure(value: number | null, unit: string, locale: string): string {
  return value === null ? "–" : `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value)}\u202f${unit}`;
}

function bitrate(bps: number | null | undefined): number | null {
  return bps === null || bps === undefined ? null : Math.round(bps / 1000);
}

function percent(stats: NetworkStats | null): number | null {
  const losses = [stats?.audioRecvLoss, stats?.audioSendLoss, stats?.videoRecvLoss, stats?.videoSendLoss].filter((loss) => typeof loss === "number");
  return losses.length === 0 ? null : Math.max(...losses) * 100;
}

function milliseconds(secs: number | null | undefined): number | null {
  return secs === null || secs === undefined ? null : Math.round(secs * 1000);
}
