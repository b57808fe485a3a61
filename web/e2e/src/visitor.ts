// Somebody with a browser at the account pages.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

import { keepHome, record, Traffic } from './recorder.ts';

/** Who signs in. */
export interface Account {
  readonly email: string;
  readonly password: string;
}

/** A browser without cookies at an address. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  if (options.javaScriptEnabled !== false) await context.addInitScript(record);
  await keepHome(context);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const traffic = new Traffic(page);
  await page.goto(url);
  return { page, traffic };
}

/** Fills in the form of the sign-in page. */
export async function signIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
