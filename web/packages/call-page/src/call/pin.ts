/** Pins somebody to the stage, or lets them go. */
export function togglePin(ui: { value: { pinned: string | null }; update: (change: { pinned: string | null }) => void }, id: string): void {
  ui.update({ pinned: ui.value.pinned === id ? null : id });
}
