import { Button } from "@parlor/ui";

import { FaceError } from "../face/face.ts";
import { failureText, usePage } from "../page.ts";
import { texts } from "../texts.ts";

/** Something that could not be loaded, why, and the way on: to try again, or to sign in first. */
export function LoadFailed(props: { what: string; error: unknown; again: () => void }) {
  const { signIn } = usePage();
  const isOver = props.error instanceof FaceError && props.error.failure === "signed-out";
  return (
    <div class="note bad" role="alert">
      <p>{props.what} {failureText(props.error)}</p>
      {isOver ? <Button size="s" onClick={signIn}>{texts.failures.signIn}</Button> : <Button size="s" onClick={props.again}>{texts.retry}</Button>}
    </div>
  );
}
