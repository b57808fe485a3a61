import type { LucideIcon } from "lucide-preact";

/** One icon of the set. */
export type IconShape = LucideIcon;

/** An icon; its name sits on the control around it, never on the icon. */
export function Icon(props: { of: IconShape; size?: number }) {
  const Shape = props.of;
  const size = props.size ?? 18;
  return <Shape class="i" width={size} height={size} strokeWidth={1.75} aria-hidden="true" focusable="false" />;
}

/** The mark: a P whose bowl is a lens. */
export function Mark(props: { size?: number }) {
  const size = props.size ?? 26;
  return (
    <svg class="i mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path
        fill="currentColor"
        fill-rule="evenodd"
        d="M13 2a8.5 8.5 0 1 1-5 15.37V20.5A1.5 1.5 0 0 1 6.5 22h-1A1.5 1.5 0 0 1 4 20.5V10.5A8.5 8.5 0 0 1 13 2Zm0 3.6a4.9 4.9 0 1 0 0 9.8 4.9 4.9 0 0 0 0-9.8Z"
      />
      <circle cx="13" cy="10.5" r="2.15" fill="currentColor" />
    </svg>
  );
}
