import { Button, Meter, SpeakerIcon } from "@parlor/ui";
import { useEffect, useState } from "preact/hooks";

import { abilitiesOf } from "../abilities.ts";
import { VOICE_LEVEL } from "../model/speaking.ts";
import { useCall, usePage } from "../page.ts";
import { playTestSound } from "../sound.ts";

/** Between two looks at the level. */
const LOOK_EVERY_MS = 100;
/** Silent this long: the page asks whether it is the right microphone. */
const QUIET_AFTER_MS = 4_000;

/** The microphone's level, with words, and a sound to test the speaker. */
export function LevelLine() {
  const page = usePage();
  const { prejoin } = page.language.texts;
  const mic = useCall((state) => state.local.tracks["cam-audio"].state);
  const mayMic = useCall((state) => abilitiesOf(page, state).mic);
  const speaker = useCall((state) => state.devices.speaker?.deviceId ?? null);
  const isLive = mic === "playable";
  const { level, hasSound } = useLevel(isLive);
  const words = isLive ? (hasSound ? prejoin.heard : prejoin.quiet) : mic === "off" && mayMic ? prejoin.micOff : "";
  return (
    <div class="lv">
      {isLive ? <Meter level={level} name={prejoin.level} /> : null}
      <span role="status">{words}</span>
      <Button size="s" icon={SpeakerIcon} onClick={() => void playTestSound(speaker)}>{prejoin.testSound}</Button>
    </div>
  );
}

function useLevel(isLive: boolean): { level: number; hasSound: boolean } {
  const page = usePage();
  const [heard, update] = useState({ level: 0, hasSound: true });
  useEffect(() => {
    if (!isLive) return;
    let lastSound = Date.now();
    const timer = setInterval(() => {
      const loudness = page.call.localAudioLevel();
      if (loudness >= VOICE_LEVEL) lastSound = Date.now();
      update({ level: shown(loudness), hasSound: Date.now() - lastSound < QUIET_AFTER_MS });
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return heard;
}

/** Loudness as people hear it: half the scale is an ordinary voice. */
function shown(loudness: number): number {
  return Math.min(1, Math.sqrt(loudness) * 1.4);
}
