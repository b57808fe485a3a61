import { Button, IconButton, Mark, SettingsIcon } from "@parlor/ui";
import { useEffect, useId, useState } from "preact/hooks";

import { useCall, usePage, useUi, type Page } from "../page.ts";
import { joinCall } from "../session.ts";
import { DeviceSelects } from "./device-selects.tsx";
import { LevelLine } from "./level-line.tsx";
import { Preview } from "./preview.tsx";

/** Before the call: oneself in the mirror, a name, and the way in. */
export function Prejoin() {
  const page = usePage();
  const { texts } = page.language;
  const title = useId();
  useEffect(() => {
    document.title = texts.titles.prejoin(page.roomName);
  }, []);
  return (
    <div class="prejoin">
      <TopBar />
      <main class="pj">
        <section class="pj-media" aria-label={texts.prejoin.region}>
          <Preview />
          <DeviceSelects />
          <LevelLine />
        </section>
        <section class="pj-join" aria-labelledby={title}>
          <div class="head">
            <h1 id={title}>{page.roomName}</h1>
            <JoinsAs />
          </div>
          <JoinForm />
        </section>
      </main>
    </div>
  );
}

/** The mark and the settings; without a mark where the domain hides it. */
export function TopBar() {
  const page = usePage();
  const { texts } = page.language;
  const isPlain = page.isOn("hide_daily_branding", false);
  return (
    <header class="topbar">
      {isPlain ? null : <Mark />}
      {isPlain ? null : <span>{texts.product}</span>}
      <div class="r">
        <IconButton name={texts.settings} icon={SettingsIcon} tip="left" iconSize={19} onClick={() => page.ui.update({ dialog: "settings" })} />
      </div>
    </header>
  );
}

function JoinsAs() {
  const page = usePage();
  const { texts } = page.language;
  const effective = useCall((state) => state.effective);
  const isHost = effective?.is_owner ?? false;
  const name = effective?.is_name_fixed ? effective.user_name : "";
  const text = name === "" ? (isHost ? texts.prejoin.asHost(page.address.host) : texts.prejoin.asGuest(page.address.host)) : texts.prejoin.asNamed(name, isHost);
  return <p class="sub">{text}</p>;
}

function JoinForm() {
  const page = usePage();
  const { texts } = page.language;
  const field = useId();
  const name = useUi((ui) => ui.name);
  const joining = useUi((ui) => ui.joining);
  const isKnock = useCall((state) => state.access === "lobby");
  const isNameFixed = useCall((state) => state.effective?.is_name_fixed ?? false);
  const submit = (event: Event) => {
    event.preventDefault();
    void joinCall(page);
  };
  return (
    <form class="form" onSubmit={submit}>
      {isNameFixed ? null : (
        <>
          <label class="label" for={field}>{texts.prejoin.yourName}</label>
          <input class="input" id={field} value={name} autocomplete="name" maxLength={256} autofocus={name === "" && page.embedded === null} onInput={(event) => page.ui.update({ name: event.currentTarget.value })} />
        </>
      )}
      <Button look="filled" size="l" isWide isSubmit isBusy={joining !== "no"}>
        {joining === "no" ? (isKnock ? texts.prejoin.ask : texts.prejoin.join) : isKnock ? texts.prejoin.asking : texts.prejoin.joining}
      </Button>
      {joining === "slow" ? <SlowJoin /> : <p class="fine" role="status">{isKnock ? texts.prejoin.asksFirst : ""}</p>}
    </form>
  );
}

type CheckResult = "running" | "good" | "socket" | "media";

/** It takes long: what may be the matter, and a check that says more. */
function SlowJoin() {
  const page = usePage();
  const { prejoin } = page.language.texts;
  const [result, setResult] = useState<CheckResult | null>(null);
  const check = async () => {
    setResult("running");
    setResult(await checkNetwork(page));
  };
  const words = { running: prejoin.checking, good: prejoin.checkGood, socket: prejoin.checkSocket, media: prejoin.checkMedia };
  return (
    <div class="fine slow">
      <p role="status">{result === null ? prejoin.slow : words[result]}</p>
      {result === null ? <Button size="s" onClick={() => void check()}>{prejoin.runCheck}</Button> : null}
    </div>
  );
}

async function checkNetwork(page: Page): Promise<CheckResult> {
  if ((await page.call.checkWebsocket()) === "failed") return "socket";
  return (await page.call.checkNetwork()) === "failed" ? "media" : "good";
}
