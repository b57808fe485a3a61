import type { Ending } from "../model/ending.ts";
import { dayAndTime, timeOfDay } from "../model/times.ts";
import type { Texts } from "../texts.ts";

/** What the words depend on. */
export interface WordingScene {
  readonly texts: Texts;
  readonly locale: string;
  readonly room: string;
  readonly host: string;
  /** Whether the person had been in the call. */
  readonly wasIn: boolean;
}

/** Everything a page that ends or prevents a call says. */
export interface EndingWords {
  readonly title: string;
  readonly text: string;
  /** The one way out. */
  readonly action: string;
  /** A small fact below, or nothing. */
  readonly fact: string;
}

/** Words a page. */
export function wordEnding(ending: Ending, scene: WordingScene): EndingWords {
  const { texts, room } = scene;
  const words = texts.ending;
  switch (ending.kind) {
    case "no-room":
      return { ...words["no-room"], fact: `${scene.host}/${room}` };
    case "early":
      return earlyWords(ending, scene);
    case "removed":
    case "declined":
    case "time-over": {
      const { title, text, action } = words[ending.kind];
      return { title, text: text(room), action, fact: "" };
    }
    case "ended":
    case "left": {
      const { title, text, action } = words[ending.kind];
      const minutes = ending.lasted === undefined ? "" : words.minutes(Math.floor(ending.lasted / 60_000));
      return { title, text: text(room, minutes), action, fact: ending.lasted === undefined ? "" : words.cleared };
    }
    case "offline": {
      const { title, text, textBefore, action } = words.offline;
      return { title, text: scene.wasIn ? text : textBefore, action, fact: "" };
    }
    case "private":
    case "closed":
    case "full":
    case "replaced":
    case "unreachable":
    case "too-old":
    case "trouble":
      return { ...words[ending.kind], fact: "" };
  }
}

function earlyWords(ending: Ending, scene: WordingScene): EndingWords {
  const { early, opensAt } = scene.texts.ending;
  if (ending.opensAt === undefined) return { title: early.title, text: early.textUnknown, action: early.action, fact: "" };
  const text = early.text(timeOfDay(ending.opensAt, scene.locale));
  return { title: early.title, text, action: early.action, fact: opensAt(dayAndTime(ending.opensAt, scene.locale)) };
}
