/** What the application wants done to picture and sound before they are sent. */
import type { Machine } from "./machine.ts";
import { recordOf } from "./message.ts";

/** In daily-js's words: types, and the event of one that cannot be had. */
const KINDS = {
  video: { error: "video-processor-error", type: "background-blur" },
  audio: { error: "audio-processor-error", type: "noise-cancellation" },
} as const;

/**
 * Asks for the processors of a change. One that this browser does not offer is
 * told of by an event and is none again, so that settings say what is so.
 */
export async function applyProcessors(machine: Machine, change: Readonly<Record<string, unknown>>): Promise<void> {
  for (const kind of ["video", "audio"] as const) {
    const { processor } = recordOf(change[kind]);
    // One that nobody asked for is what there is anyway.
    if (processor === undefined || "_isDefaultWhenNone" in recordOf(processor)) continue;
    const type = machine.settings.processor(kind);
    if (await isApplied(machine, kind, type)) continue;
    machine.settings.mergeInput({ [kind]: { processor: { type: "none" } } });
    machine.channel.send("nonfatal-error", { type: KINDS[kind].error, errorMsg: `This browser does not offer '${type}' by itself, so it is off.` });
  }
}

async function isApplied({ call }: Machine, kind: "audio" | "video", type: string): Promise<boolean> {
  if (type !== "none" && type !== KINDS[kind].type) return false;
  if (kind === "audio") return call.setAudioProcessor({ type: type === "none" ? type : "noise-cancellation" });
  return call.setVideoProcessor({ type: type === "none" ? type : "background-blur" });
}
