/**
 * The page in a frame: an application opened it with daily-js and drives it.
 * The application's messages and ours go through the same machine as in call
 * object mode; what a person does here is told to the application, and the
 * other way round. Tracks do not travel.
 */
import { booleanOf, FrameChannel, Machine, parseEmbedding, recordOf, stringOf, type Channel, type ClientRequest, type Embedding, type Fields } from "@parlor/call-machine";

import { parseAddress, type PageAddress } from "./address.ts";
import { openPanel } from "./chat.ts";
import { addStyle, applyFrameTheme, linkStyle, addBodyClasses } from "./frame-look.ts";
import { dingsUpTo, mostTilesOf, namesMode, trayButtons } from "./frame-outline.ts";
import { speak } from "./language.ts";
import { Page } from "./page.ts";
import { end, enter } from "./session.ts";
import type { Outline } from "./ui-state.ts";

/** Opens the page for an embedding application, which says when to enter; `null` if the address names none. */
export function openInFrame(search: string, address: PageAddress): Page | null {
  const embedding = parseEmbedding(search);
  return embedding && new Frame(embedding, address).page;
}

class Frame {
  readonly page: Page;
  readonly #machine: Machine;
  readonly #channel: FrameChannel;
  /** The launch configuration, and what `join` adds to it. */
  #properties: Fields = {};
  #cache: Fields = {};

  constructor(embedding: Embedding, address: PageAddress) {
    this.#channel = new FrameChannel(window, embedding, (request) => this.#handle(request));
    this.#machine = new Machine({ channel: keptOpen(this.#channel), shelves: () => [] });
    this.page = new Page(this.#machine.call, address, {
      hasLeave: false,
      hasFullScreen: false,
      // After an end the machine is silent until it is begun again.
      begin: () => this.#machine.initialize(this.#properties, this.#cache),
      pressButton: (id) => this.#channel.send("custom-button-click", { button_id: id }),
      toggleFullScreen: () => this.#channel.send(this.#isFullScreen ? "request-exit-fullscreen" : "request-fullscreen"),
    });
    this.#tellChanges();
    this.#channel.announce();
  }

  #isFullScreen = false;

  #handle(request: ClientRequest): void {
    const { fields } = request;
    switch (request.action) {
      case "iframe-launch-config":
        this.#configure(fields);
        return this.#channel.send("loaded");
      case "join-meeting":
        this.#configure(recordOf(fields["properties"]));
        this.#cache = recordOf(fields["preloadCache"]);
        return this.#join();
      case "leave-meeting":
        end(this.page, { kind: "left" });
        return this.#machine.leave();
      case "load-css":
        return this.#style(fields);
      case "set-theme":
        applyFrameTheme(fields["theme"]);
        return this.#channel.reply(request, {});
      case "get-sidebar-view":
        return this.#channel.reply(request, { view: this.page.ui.value.panel });
      case "set-sidebar-view":
        return openPanel(this.page, panelOf(fields["view"]));
      case "set-show-names":
        return this.#outline({ names: namesMode(fields["mode"]) });
      case "set-show-local-video":
        return this.#showSelf(fields["show"] !== false);
      case "set-show-participants-bar":
        return this.#outline({ hasParticipantsBar: fields["show"] !== false });
      case "update-custom-tray-buttons":
        return this.#outline({ buttons: trayButtons(fields["btns"]) });
      case "daily-method-set-play-ding":
        this.page.dingsUpTo = dingsUpTo(fields["arg"]);
        return this.#channel.reply(request, {});
      case "get-daily-lang":
        return this.#channel.reply(request, this.#langFields());
      case "set-daily-lang":
        this.page.languageWish = stringOf(fields["lang"]) ?? "en";
        return void speak(this.page, this.page.languageWish).then(() => this.#channel.reply(request, this.#langFields()));
      case "set-active-speaker-mode":
        return this.page.ui.update({ layout: fields["enabled"] === true ? "speaker" : "grid", pinned: null });
      case "fullscreen":
      case "exited-fullscreen":
        this.#isFullScreen = request.action === "fullscreen";
        return undefined;
      case "register-input-handler":
        // Old clients ask for mouse events of the frame, which no later version has.
        return undefined;
      default:
        return this.#machine.handle(request);
    }
  }

  #configure(properties: Fields): void {
    this.#properties = { ...this.#properties, ...properties };
    const all = this.#properties;
    const { page } = this;
    const url = stringOf(all["url"]);
    const token = stringOf(all["token"]);
    // A frame keeps to the server it came from, whatever room it is told.
    if (url !== undefined && URL.canParse(url)) page.address = { ...page.address, ...roomOf(url) };
    if (token !== undefined) page.address = { ...page.address, token };
    this.#machine.url = page.address.url;
    page.embedded = {
      ...page.requireEmbedded(),
      hasLeave: all["showLeaveButton"] === true,
      hasFullScreen: all["showFullscreenButton"] === true,
    };
    page.joinWishes = joinWishes(all);
    const name = stringOf(all["userName"]);
    page.ui.update({ ...(name === undefined ? {} : { name }), ...(all["activeSpeakerMode"] === true ? { layout: "speaker" } : {}) });
    if (all["theme"] !== undefined && all["theme"] !== null) applyFrameTheme(all["theme"]);
    page.mostTiles = mostTilesOf(all["layoutConfig"]);
    const lang = stringOf(all["lang"]);
    if (lang !== undefined && lang !== page.languageWish) {
      page.languageWish = lang;
      void speak(page, lang);
    }
    this.#style(all);
    this.#outline({
      ...(all["showLocalVideo"] === undefined ? {} : { hasSelf: all["showLocalVideo"] !== false }),
      ...(all["showParticipantsBar"] === undefined ? {} : { hasParticipantsBar: all["showParticipantsBar"] !== false }),
      ...(all["customTrayButtons"] === undefined ? {} : { buttons: trayButtons(all["customTrayButtons"]) }),
      mayRename: all["showUserNameChangeUI"] === true,
    });
  }

  #style(fields: Fields): void {
    addStyle(stringOf(fields["cssText"]) ?? "");
    linkStyle(stringOf(fields["cssFile"]) ?? "");
    addBodyClasses(stringOf(fields["bodyClass"]) ?? "");
  }

  #outline(change: Partial<Outline>): void {
    this.page.ui.update({ outline: { ...this.page.ui.value.outline, ...change } });
  }

  #showSelf(show: boolean): void {
    this.#outline({ hasSelf: show });
    this.#channel.send("show-local-video-changed", { show });
  }

  #langFields(): Fields {
    const { code, setting } = this.page.language;
    return { lang: code === "ja" ? "jp" : code, langSetting: setting };
  }

  #join(): void {
    if (this.#cache["subscribeToTracksAutomatically"] === false) this.page.call.subscribeToAll(false);
    void enter(this.page);
  }

  /** Tells the application what a person, or the room, changed on the page. */
  #tellChanges(): void {
    let told = this.page.ui.value;
    this.page.ui.subscribe(() => {
      const now = this.page.ui.value;
      const before = told;
      told = now;
      if (now.panel !== before.panel) this.#channel.send("sidebar-view-changed", { view: now.panel });
      if (now.language !== before.language) this.#channel.send("lang-updated", this.#langFields());
      if (now.layout !== before.layout) this.#channel.send("active-speaker-mode-change", { enabled: now.layout === "speaker" });
      if (now.isPip !== before.isPip) this.#channel.send(now.isPip ? "pip-started" : "pip-stopped");
    });
  }
}

/** The client blanks its frame on an error unless told not to; the page has something to say. */
function keptOpen(channel: Channel): Channel {
  return {
    send: (action, fields = {}) => channel.send(action, action === "error" ? { ...fields, preserveIframe: true } : fields),
    reply: (request, fields) => channel.reply(request, fields),
  };
}

function roomOf(url: string): Partial<PageAddress> {
  const { room, token } = parseAddress({ href: url });
  return { room, url: `${location.origin}/${encodeURIComponent(room)}`, ...(token === null ? {} : { token }) };
}

function joinWishes(properties: Fields): Page["joinWishes"] {
  const startAudioOff = booleanOf(properties["startAudioOff"]);
  const startVideoOff = booleanOf(properties["startVideoOff"]);
  const userData = properties["userData"];
  return {
    ...(startAudioOff === undefined ? {} : { startAudioOff }),
    ...(startVideoOff === undefined ? {} : { startVideoOff }),
    ...(userData === undefined || userData === null ? {} : { userData }),
  };
}

function panelOf(view: unknown): "people" | "chat" | null {
  return view === "people" || view === "chat" ? view : null;
}
