/** Two short notes, so that somebody hears whether the right speaker is chosen. */
export async function playTestSound(speakerId: string | null): Promise<void> {
  const context = new AudioContext();
  if (speakerId !== null && "setSinkId" in context && typeof context.setSinkId === "function") {
    await context.setSinkId(speakerId);
  }
  const end = [523.25, 783.99].reduce((at, pitch) => note(context, pitch, at), context.currentTime + 0.05);
  setTimeout(() => void context.close(), (end - context.currentTime + 0.4) * 1000);
}

/** Two low taps, for somebody at the door. */
export async function playKnock(): Promise<void> {
  return play([196, 174.61]);
}

/** One clear note, for somebody who came in. */
export async function playDing(): Promise<void> {
  return play([880]);
}

/** Notes one after the other. Silent where the browser holds sound back. */
async function play(pitches: readonly number[]): Promise<void> {
  if (!navigator.userActivation?.hasBeenActive) return;
  const context = new AudioContext();
  const end = pitches.reduce((at, pitch) => note(context, pitch, at), context.currentTime + 0.05);
  setTimeout(() => void context.close(), (end - context.currentTime + 0.4) * 1000);
}

function note(context: AudioContext, pitch: number, at: number): number {
  const length = 0.22;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.22, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + length + 0.2);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + length + 0.2);
  return at + length;
}
