/** A few choices that exclude each other, side by side. */
export function Segmented<T extends string>(props: { name: string; options: readonly (readonly [T, string])[]; chosen: T; describedBy?: string | undefined; isFocusedFirst?: boolean; onChoose: (choice: T) => void }) {
  return (
    <div class="seg" role="group" aria-label={props.name} aria-describedby={props.describedBy}>
      {props.options.map(([value, label]) => (
        <button key={value} type="button" aria-pressed={value === props.chosen} autofocus={(props.isFocusedFirst ?? false) && value === props.chosen} onClick={() => props.onChoose(value)}>{label}</button>
      ))}
    </div>
  );
}
