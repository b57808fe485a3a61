// Every screen of the dashboard as a scene: accessible in both themes, on a
// desk and on a phone, and no wider than 320 pixels where there are no more.
import { fileURLToPath } from 'node:url';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
let server: ViteDevServer;

beforeAll(async () => {
  const configFile = fileURLToPath(new URL('../../packages/dashboard/harness/vite.config.ts', import.meta.url));
  server = await createServer({ configFile, server: { port: 0, hmr: false, watch: null }, logLevel: 'error' });
  await server.listen();
});
afterAll(() => server.close());

async function open(scene: string) {
  const page = await stage.browser.newPage();
  await page.goto(`${server.resolvedUrls?.local[0]}?scene=${scene}`);
  await page.locator('#app > *').first().waitFor();
  return page;
}

const SCENES = [
  'keys-list', 'keys-organizations', 'keys-empty', 'keys-loading', 'keys-failed', 'keys-create', 'keys-create-member',
  'keys-created', 'keys-rotated', 'keys-rotate', 'keys-revoke', 'keys-revoke-expired', 'signed-out', 'unknown',
  'members', 'members-alone', 'members-as-member', 'members-invitations-failed', 'members-invite', 'members-invited',
  'members-access', 'members-remove', 'members-invitation-change', 'members-invitation-renew', 'members-invitation-cancel',
  'audit', 'audit-entry', 'audit-entry-refused', 'audit-filtered', 'audit-nothing', 'audit-empty', 'audit-loading',
  'audit-failed', 'audit-signed-out', 'audit-not-allowed',
];

test.each(SCENES)('%s', async (scene) => {
  await expectAccessible(await open(scene), `dashboard-${scene}`);
});

test('a form that is not ready says what lacks, at its fields', async () => {
  const page = await open('keys-create');
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByText('The key cannot be made yet').waitFor();
  expect(await page.getByRole('textbox', { name: 'Name' }).getAttribute('aria-invalid')).toBe('true');
  await expectAccessible(page, 'dashboard-keys-faults');
  await page.getByRole('link', { name: 'Name the key after what will use it.' }).click();
  expect(await page.getByRole('textbox', { name: 'Name' }).evaluate((field) => field === document.activeElement)).toBe(true);
});

test('what the server refuses is said in the form', async () => {
  const page = await open('keys-taken');
  await page.getByRole('textbox', { name: 'Name' }).fill('game server');
  await page.getByRole('group', { name: 'Rooms' }).getByRole('button', { name: 'Write' }).click();
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByRole('alert').getByText('You have a key named “game server” already.').waitFor();
});

test('closing a key that nobody copied asks once', async () => {
  const page = await open('keys-created');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('heading', { name: 'Close without copying?' }).waitFor();
  await expectAccessible(page, 'dashboard-keys-leave');
  await page.getByRole('button', { name: 'Back to the key' }).first().click();
  await page.getByRole('button', { name: 'Copy key' }).click();
  await page.getByText('Copied', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('what the server refuses of an invitation is said in its own words', async () => {
  const page = await open('members-invite-refused');
  await page.getByLabel('Email').fill('tomas@studio.example');
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('alert').getByText('they belong to the organization already').waitFor();
});

test('how the log is verified stands in front of it', async () => {
  const page = await open('audit');
  await page.getByRole('button', { name: 'Verify and export' }).click();
  await page.getByText('parlor audit export --domain studio').waitFor();
  await expectAccessible(page, 'dashboard-audit-check');
});

test('on a phone filters are behind a button, and an entry stands in for the list', async () => {
  const page = await open('audit');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Result').waitFor();
  await expectAccessible(page, 'dashboard-audit-filters');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('link', { name: /Rotated the key/ }).click();
  const title = page.getByRole('heading', { level: 2, name: /Rotated the key/ });
  expect(await title.evaluate((heading) => heading === document.activeElement)).toBe(true);
  await page.getByRole('button', { name: 'Audit', exact: true }).click();
  const row = page.getByRole('link', { name: /Rotated the key/ });
  expect(await row.evaluate((link) => link === document.activeElement)).toBe(true);
});

test('a link names the organization, and whoever chooses another one then means it', async () => {
  const page = await open('audit-linked');
  const organization = page.getByRole('button', { name: /Choose another organization/ });
  await organization.getByText('Priya Raman').waitFor();
  await page.getByRole('region', { name: 'Entry' }).waitFor();
  await organization.click();
  await page.getByRole('menuitemradio', { name: 'Studio' }).click();
  await organization.getByText('Studio', { exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe('');
});

test('an entry stands beside the list and never over it', async () => {
  const page = await open('audit-entry-refused');
  const entry = page.getByRole('region', { name: 'Entry' });
  for (const width of [1181, 1280, 1440, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    const list = await page.locator('.log').boundingBox();
    const beside = await entry.boundingBox();
    expect((list?.x ?? 0) + (list?.width ?? width), `${width} wide`).toBeLessThanOrEqual(beside?.x ?? 0);
  }
});
