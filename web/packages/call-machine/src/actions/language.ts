/** The language, which daily-js keeps for user interfaces. */
import type { Actions } from "../actions.ts";

export const languageActions: Actions = {
  "get-daily-lang": ({ settings }) => ({ ...settings.language }),

  "set-daily-lang": (machine, { lang }) => {
    machine.settings.setLanguage(lang);
    machine.channel.send("lang-updated", { ...machine.settings.language });
    return null;
  },
};
