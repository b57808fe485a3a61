// A browser window on the call page, used as a person uses it: by names and keys.
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

import { receivedByPage, type Media } from './media.ts';
import { keepHome, record, Traffic } from './recorder.ts';

export class CallPage {
  readonly page: Page;
  readonly traffic: Traffic;
  /** The status of the document. */
  readonly status: number;

  private constructor(page: Page, traffic: Traffic, status: number) {
    this.page = page;
    this.traffic = traffic;
    this.status = status;
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<CallPage> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
    await context.addInitScript(record);
    await keepHome(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const traffic = new Traffic(page);
    const response = await page.goto(url);
    return new CallPage(page, traffic, response?.status() ?? 0);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  }

  get title(): Locator {
    return this.page.getByRole('heading', { level: 1 });
  }

  /** A button of the call's own bar, not of a tile. */
  control(name: string): Locator {
    return this.page.getByRole('toolbar', { name: 'Call' }).getByRole('button', { name, exact: true });
  }

  /** Somebody's tile, by what a screen reader says of it. */
  tile(name: string): Locator {
    return this.page.getByRole('main', { name: 'Participants' }).getByRole('listitem').filter({ hasText: name });
  }

  async enter(name: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Your name' }).fill(name);
    await this.button('Join now').click();
    await this.control('Leave').waitFor();
  }

  /** What arrives from whoever else is in the call; there is one other. */
  async received(): Promise<Media> {
    return receivedByPage(this.page);
  }

  /** Whether each video that is shown really moves on. */
  async pictureSizes(): Promise<readonly number[]> {
    return this.page.evaluate(() => [...document.querySelectorAll('video')].map((video) => video.videoWidth));
  }

  /** Nothing foreign was asked for, nothing was blocked, nothing complained. */
  async expectClean(origin: string): Promise<void> {
    expect(this.traffic.foreign(origin)).toEqual([]);
    expect(this.traffic.complaints).toEqual([]);
    expect(await this.page.evaluate(() => window.recorded.cspViolations)).toEqual([]);
  }

  /** The accessible name of what has the focus. */
  async focused(): Promise<string> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
  }
}
