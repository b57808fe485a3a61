/** What the translation yields. */
import type { Fields } from "../message.ts";

/** An event to send. */
export interface Outgoing {
  readonly action: string;
  readonly fields?: Fields;
}
