import { IconButton, Menu, MenuItem, MoreIcon } from "@parlor/ui";
import { useState } from "preact/hooks";

/** What can be done with the thing of a row. */
export interface RowAction {
  readonly text: string;
  readonly act: () => void;
}

/** The actions of a row, behind three dots; nothing where there are none. */
export function RowMenu(props: { name: string; actions: readonly RowAction[] }) {
  const [isOpen, setOpen] = useState(false);
  if (props.actions.length === 0) return null;
  return (
    <span class="acts" data-menu-owner>
      <IconButton name={props.name} icon={MoreIcon} size="s" iconSize={17} tip="none" menu={isOpen} onClick={() => setOpen(!isOpen)} />
      {isOpen ? (
        <Menu name={props.name} class="row-menu" onClose={() => setOpen(false)}>
          {props.actions.map(({ text, act }) => (
            <MenuItem
              key={text}
              onChoose={() => {
                setOpen(false);
                act();
              }}
            >
              {text}
            </MenuItem>
          ))}
        </Menu>
      ) : null}
    </span>
  );
}
