// The page in other languages than English: by the room's property, and as the
// browser has it.
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { CallPage } from '../src/call-page.ts';
import { results } from '../src/paths.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

const CASES = [
  { lang: 'de', browser: 'en-US', code: 'de', name: 'Dein Name', join: 'Jetzt beitreten', leave: 'Verlassen' },
  { lang: 'jp', browser: 'en-US', code: 'ja', name: 'お名前', join: '今すぐ参加', leave: '退出' },
  { lang: 'user', browser: 'fr-FR', code: 'fr', name: 'Votre nom', join: 'Participer', leave: 'Quitter' },
  { lang: 'user', browser: 'eu-ES', code: 'en', name: 'Your name', join: 'Join now', leave: 'Leave' },
] as const;

test.each(CASES)('lang $lang in a $browser browser: the page speaks $code, before the call, in it and after it', async (spoken) => {
  const properties = { lang: spoken.lang, enable_chat: true, enable_hand_raising: true, enable_emoji_reactions: true };
  const { url } = await stage.rest.createRoom(properties);
  const { page } = await CallPage.open(stage.browser, url, { locale: spoken.browser });
  const field = page.getByRole('textbox', { name: spoken.name });
  await field.waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe(spoken.code);
  await page.screenshot({ path: join(results('screenshots'), `language-${spoken.code}-prejoin.png`) });
  await field.fill('Ana');
  await page.getByRole('button', { name: spoken.join, exact: true }).click();
  const leave = page.getByRole('toolbar').getByRole('button', { name: spoken.leave, exact: true });
  await leave.waitFor();
  await fits(page, 1440, `language-${spoken.code}-call`);
  await fits(page, 390, `language-${spoken.code}-call`);
  await page.setViewportSize({ width: 1440, height: 900 });
  await leave.click();
  await leave.waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.screenshot({ path: join(results('screenshots'), `language-${spoken.code}-left.png`) });
});

/** No sideways scrolling, and no button of the bar cut off. */
async function fits(page: CallPage['page'], width: number, name: string): Promise<void> {
  await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
  await page.screenshot({ path: join(results('screenshots'), `${name}-${width}.png`) });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  const boxes = await page.getByRole('toolbar').getByRole('button').evaluateAll((buttons) =>
    buttons.map((button) => button.getBoundingClientRect()).map(({ left, right }) => ({ left, right })),
  );
  for (const { left, right } of boxes) {
    expect(left).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(width);
  }
}
