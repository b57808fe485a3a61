import { DownIcon, Icon } from "@parlor/ui";
import { useId } from "preact/hooks";

type ChoiceFieldProps<T extends string> = {
  label: string;
  options: readonly (readonly [T, string])[];
  chosen: T;
  hint?: string;
  isFocusedFirst?: boolean;
  onChoose: (choice: T) => void;
};

/** A field with a few plain choices. */
export function ChoiceField<T extends string>(props: ChoiceFieldProps<T>) {
  const id = useId();
  const hint = `${id}-hint`;
  return (
    <div>
      <label class="label" for={id}>{props.label}</label>
      <div class="select bare">
        <select id={id} autofocus={props.isFocusedFirst ?? false} value={props.chosen} aria-describedby={props.hint === undefined ? undefined : hint} onChange={(event) => props.onChoose(event.currentTarget.value as T)}>
          {props.options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select>
        <Icon of={DownIcon} size={16} />
      </div>
      {props.hint === undefined ? null : <p class="hint" id={hint}>{props.hint}</p>}
    </div>
  );
}
