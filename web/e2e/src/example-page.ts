// A browser window on one of the examples, used as a person uses it.
import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

import { receivedByPage, type Media } from './media.ts';
import { keepHome, record, Traffic } from './recorder.ts';

export class ExamplePage {
  readonly page: Page;
  readonly traffic: Traffic;

  private constructor(page: Page, traffic: Traffic) {
    this.page = page;
    this.traffic = traffic;
  }

  static async open(browser: Browser, url: string): Promise<ExamplePage> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
    await context.addInitScript(record);
    await keepHome(context);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const traffic = new Traffic(page);
    await page.goto(url);
    return new ExamplePage(page, traffic);
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  field(name: string): Locator {
    return this.page.getByRole('textbox', { name, exact: true });
  }

  tile(text: string): Locator {
    return this.page.getByRole('list', { name: 'Participants' }).getByRole('listitem').filter({ hasText: text });
  }

  /** Fills the examples' common form and waits for the call. */
  async join(url: string, name: string): Promise<void> {
    await this.field('Room URL').fill(url);
    await this.field('Your name').fill(name);
    await this.button('Join').click();
    await this.button('Leave').waitFor();
  }

  async say(text: string): Promise<void> {
    await this.field('Message to everyone').fill(text);
    await this.button('Send').click();
  }

  async received(): Promise<Media> {
    return receivedByPage(this.page);
  }

  /** Nothing foreign was asked for, and nothing complained. */
  expectClean(...origins: readonly string[]): void {
    expect(this.traffic.foreign(...origins)).toEqual([]);
    expect(this.traffic.complaints).toEqual([]);
  }
}
