import type { KeyItem, Member } from "../face/types.ts";
import { isLastOwner } from "../model/people.ts";
import { usePage } from "../page.ts";
import { Confirm } from "../pieces/confirm.tsx";
import { texts } from "../texts.ts";

type RemoveMemberProps = {
  of: Member;
  keys: readonly KeyItem[];
  isBusy: boolean;
  refusal: string | null;
  onRemove: () => void;
  onClose: () => void;
};

/** Says what removing somebody does, or leaving, before it is done. */
export function RemoveMemberDialog(props: RemoveMemberProps) {
  const page = usePage();
  const { members: words } = texts;
  const { name } = page.organization;
  const isMe = props.of.userId === page.me.id;
  const keys = props.keys.filter(({ userId }) => userId === props.of.userId).map((key) => key.name);
  const keysEnd = isMe ? words.ownKeysEnd : words.theirKeysEnd;
  const refusal = isLastOwner(props.of.userId, page.members) ? words.access.last : props.refusal;
  return (
    <Confirm
      title={isMe ? words.leaving.title(name) : words.removal.title(props.of.name, name)}
      keep={isMe ? words.leaving.keep : words.removal.keep}
      submit={isMe ? words.leaving.submit : words.removal.submit(props.of.name)}
      isDanger
      isBusy={props.isBusy}
      refusal={refusal}
      onSubmit={props.onRemove}
      onClose={props.onClose}
    >
      <p class="lead">{isMe ? words.leaving.text : words.removal.text}</p>
      {keys.length > 0 ? <p class="note warn"><span>{keysEnd(keys)} {words.requestsFail(keys.length)}</span></p> : null}
    </Confirm>
  );
}
