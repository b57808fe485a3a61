import { expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { keepHome, record, Traffic } from '../src/recorder.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

async function open(fragment: string) {
  const context = await stage.browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  await context.addInitScript(record);
  await keepHome(context);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const traffic = new Traffic(page);
  await page.goto(`${stage.origin}/docs${fragment}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return { page, traffic };
}

test('an operation is found by keyboard, and has an address of its own', async () => {
  const { page, traffic } = await open('');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('post /rooms create');
  await page.getByRole('navigation').getByRole('link', { name: 'Create a room' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Create a room' }).waitFor();
  expect(new URL(page.url()).hash).toBe('#create_room');
  expect(await page.title()).toContain('Create a room');
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'API reference' }).waitFor();
  expect(traffic.foreign(stage.origin)).toEqual([]);
  expect(traffic.complaints).toEqual([]);
  expect(await page.evaluate(() => window.recorded.cspViolations)).toEqual([]);
});

test('the command shown for an operation works as it stands', async () => {
  const { page } = await open('#create_room');
  const command = await page.getByLabel('Call it, curl', { exact: true }).innerText();
  expect(command).toContain(`curl -X POST ${stage.origin}/v1/rooms`);
  const body = /-d '([^']*)'/s.exec(command)?.[1] ?? '';
  const answer = await stage.rest.send('POST', '/rooms', JSON.parse(body) as object);
  expect(answer.status).toBe(200);
});

test('the reference is accessible in both themes, on a desk and on a phone', async () => {
  const { page } = await open('#create_room');
  await page.getByText(/\d+ fields/).first().click();
  await expectAccessible(page, 'api-docs-operation');
  await page.getByRole('button', { name: 'Operations' }).click();
  await page.getByRole('dialog').waitFor();
  await expectAccessible(page, 'api-docs-list');
});
