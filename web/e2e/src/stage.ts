// What a test file needs at hand: the shared browser, app and server, and
// windows that are closed again after each test.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';

import { AppWindow } from './app-window.ts';
import { NEWEST, type DailyVersion } from './app-server.ts';
import { connectTo } from './browser.ts';
import { Rest } from './rest.ts';

export class Stage {
  readonly rest = new Rest(inject('parlor'));
  readonly appUrl = inject('app');
  /** Parlor's origin. */
  readonly origin = inject('parlor').url;
  #browser: Browser | undefined;

  /** To be called once at the top of a test file. */
  static forThisFile(): Stage {
    const stage = new Stage();
    beforeAll(async () => {
      stage.#browser = await connectTo(inject('browser'));
    });
    afterEach(async () => {
      await Promise.all(stage.browser.contexts().map((context) => context.close()));
    });
    afterAll(async () => {
      await stage.#browser?.close();
    });
    return stage;
  }

  get browser(): Browser {
    if (this.#browser === undefined) throw new Error('the browser is started by beforeAll');
    return this.#browser;
  }

  async window(version: DailyVersion = NEWEST): Promise<AppWindow> {
    return AppWindow.open(this, version);
  }

  /** The recommended recipe: one option. */
  callOptions(url: string, more: object = {}, dailyConfig: object = {}): object {
    return { url, dailyConfig: { proxyUrl: this.origin, ...dailyConfig }, ...more };
  }

  /** A window with a call object, not yet in the call. */
  async caller(url: string, more: object = {}, version: DailyVersion = NEWEST): Promise<AppWindow> {
    const window = await this.window(version);
    await window.create(this.callOptions(url, more));
    return window;
  }

  /** A window in the call. */
  async guest(url: string, userName: string, more: object = {}, version: DailyVersion = NEWEST): Promise<Guest> {
    const window = await this.caller(url, { userName, ...more }, version);
    return { window, id: (await window.join()).session_id };
  }
}

/** Somebody in a call. */
export interface Guest {
  readonly window: AppWindow;
  readonly id: string;
}
