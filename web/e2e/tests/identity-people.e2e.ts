// Two people with a browser each: an owner invites, changes and removes a
// member, and reads in the audit log what happened.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { Parlor } from '../src/parlor.ts';
import { Stage } from '../src/stage.ts';
import { signIn, visit } from '../src/visitor.ts';

const OWNER = { email: 'priya@studio.example', password: 'correct horse & battery' };
const GUEST = { email: 'tomas@studio.example', password: 'quite another horse' };

const stage = Stage.forThisFile();
let parlor: Parlor;

beforeAll(async () => {
  const env = { PARLOR_ADMIN_EMAIL: OWNER.email, PARLOR_ADMIN_PASSWORD: OWNER.password };
  parlor = await Parlor.start({ name: 'identity-people', env });
});
afterAll(() => parlor.stop());

async function open(account: typeof OWNER, path: string) {
  const visited = await visit(stage.browser, parlor.ready.url + path);
  await signIn(visited.page, account);
  return visited;
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const goTo = async (page: Page, place: string) => {
  await page.getByRole('complementary').getByRole('link', { name: place }).click();
  await heading(page, place);
};

/** Makes a key in the dashboard, and says what a request with it is answered. */
async function makeKey(page: Page, name: string) {
  await goTo(page, 'API keys');
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('group', { name: 'Rooms' }).getByRole('button', { name: 'Write' }).click();
  await page.getByRole('button', { name: 'Make key' }).click();
  const value = await page.locator('.secret .k').innerText();
  await page.getByRole('button', { name: 'Copy key' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  return async () => (await fetch(`${parlor.ready.url}/v1/rooms`, { headers: { authorization: `Bearer ${value}` } })).status;
}

async function choose(page: Page, row: string, action: string) {
  await page.getByRole('row', { name: new RegExp(row) }).getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** What the rows of the audit log say, newest first. */
async function said(page: Page): Promise<string[]> {
  const texts = await page.locator('.log tbody th').allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}

test('an owner invites, changes and removes somebody, and the log says who did what', async () => {
  const { page, traffic } = await open(OWNER, '/dashboard/members');
  await heading(page, 'Members');
  await page.getByRole('row', { name: /priya@studio.example/ }).getByText('Just now').waitFor();
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByLabel('Email').fill(GUEST.email);
  await page.getByRole('checkbox', { name: /Developer/ }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
  await page.getByRole('heading', { name: `${GUEST.email} is invited` }).waitFor();
  const link = await page.locator('.secret .k').innerText();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row', { name: new RegExp(GUEST.email) }).getByText('Developer').waitFor();

  const { page: guest } = await visit(stage.browser, link);
  await guest.getByLabel('Your name').fill('Tomás Rivera');
  await guest.getByLabel('Choose a password').fill(GUEST.password);
  await guest.getByRole('button', { name: 'Make an account and join' }).click();
  await heading(guest, 'API keys');
  await goTo(page, 'API keys');
  await goTo(page, 'Members');
  await page.getByRole('row', { name: /Tomás Rivera/ }).getByText('Developer').waitFor();
  await page.getByText('Nobody is invited at the moment.').waitFor();

  // A member sees who is there, and neither entry nor page of what they may not see.
  await goTo(guest, 'Members');
  expect(await guest.getByRole('link', { name: 'Audit' }).count()).toBe(0);
  expect(await guest.getByRole('button', { name: 'Invite' }).count()).toBe(0);
  await guest.goto(`${parlor.ready.url}/dashboard/audit?result=refused`);
  await heading(guest, 'Audit');
  await guest.getByText('read:audit_logs').waitFor();
  await guest.getByRole('link', { name: OWNER.email }).waitFor();
  expect(await guest.locator('.log').count()).toBe(0);

  // They have an organization of their own, too.
  const organization = guest.getByRole('button', { name: /Choose another organization/ });
  await organization.click();
  await guest.getByRole('menuitemradio', { name: 'Personal' }).click();
  await guest.getByText('Nothing was changed here yet.').waitFor();
  expect(new URL(guest.url()).search).toBe('');
  await organization.click();
  await guest.getByRole('menuitemradio', { checked: false }).click();
  await guest.getByText('read:audit_logs').waitFor();

  // What they lose counts from their next request on, and so do their keys.
  const bot = await makeKey(guest, 'bot');
  expect(await bot()).toBe(200);
  await goTo(page, 'API keys');
  await goTo(page, 'Members');
  await choose(page, 'Tomás Rivera', 'Change access…');
  await page.getByRole('checkbox', { name: /Developer/ }).uncheck();
  await page.getByRole('checkbox', { name: /Auditor/ }).check();
  await page.getByText('A key of theirs holds more and ends: bot.').waitFor();
  await page.getByRole('button', { name: 'Change access' }).click();
  await page.getByText('Changed what Tomás Rivera may do').waitFor();
  expect(await bot()).toBe(401);
  await goTo(guest, 'Members');
  await goTo(guest, 'Audit');
  await guest.getByText('Changed the access of').waitFor();

  // Whoever is removed is out, and their keys are.
  await choose(page, 'Tomás Rivera', 'Change access…');
  await page.getByRole('checkbox', { name: /Developer/ }).check();
  await page.getByRole('button', { name: 'Change access' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const second = await makeKey(guest, 'second');
  expect(await second()).toBe(200);
  await page.reload();
  await choose(page, 'Tomás Rivera', 'Remove…');
  await page.getByText('A key of theirs ends with it: second.').waitFor();
  await page.getByRole('button', { name: 'Remove Tomás Rivera' }).click();
  await page.getByText('Removed Tomás Rivera').waitFor();
  expect(await second()).toBe(401);
  expect(await page.getByRole('row', { name: /Tomás Rivera/ }).count()).toBe(0);
  await goTo(guest, 'Members');
  await guest.getByRole('row', { name: /Owner/ }).getByText('You').waitFor();
  expect(await guest.getByText(OWNER.email).count()).toBe(0);

  await goTo(page, 'Audit');
  await page.getByText('8 of 8 entries').waitFor();
  expect(await said(page)).toEqual([
    `Removed ${GUEST.email}`,
    'Made the key second',
    `Changed the access of ${GUEST.email} to Auditor, Developer`,
    `Changed the access of ${GUEST.email} to Auditor`,
    'Made the key bot',
    `Accepted the invitation of ${GUEST.email}`,
    `Invited ${GUEST.email} as member`,
    'Made the key dev',
  ]);
  const first = page.getByRole('row', { name: /Removed/ });
  await first.getByText('Priya').first().waitFor();
  await first.getByText('Browser').waitFor();
  await first.getByText('127.0.0.1').waitFor();
  await first.getByText('Done').waitFor();
  expect(traffic.foreign(parlor.ready.url)).toEqual([]);
  expect(await page.evaluate(() => window.recorded.cspViolations)).toEqual([]);
});

test('filters and the entry on show live in the address', async () => {
  const headers = { authorization: `Bearer ${parlor.ready.api_key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'by a program', permissions: ['read:rooms'] });
  for (const status of [201, 409]) {
    const made = await fetch(`${parlor.ready.url}/api/api-keys`, { method: 'POST', headers, body });
    expect(made.status).toBe(status);
  }
  const { page } = await visit(stage.browser, `${parlor.ready.url}/dashboard/audit?target=api_key`);
  await signIn(page, OWNER);
  await heading(page, 'Audit');
  expect(await page.getByLabel('What').inputValue()).toBe('api_key');
  await page.getByText('Tried to make the key').waitFor();
  await page.getByLabel('Result').selectOption('Refused');
  await page.getByText('1 of 1 entry').waitFor();
  expect(await said(page)).toEqual(['Tried to make the key by a program']);
  await page.getByRole('link', { name: /Tried to make/ }).click();
  const entry = page.getByRole('region', { name: 'Entry' });
  await entry.getByText('Answered 409').waitFor();
  await entry.getByText(/^Key parlor_/).waitFor();
  await entry.getByText(/ UTC$/).waitFor();
  await page.reload();
  await entry.getByText('Answered 409').waitFor();
  expect(new URL(page.url()).search).toMatch(/^\?target=api_key&result=refused&entry=/);

  // A copied link shows the same entry to somebody who looked at nothing before.
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await entry.getByRole('button', { name: 'Copy link' }).click();
  await entry.getByText('Copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await visit(stage.browser, link);
  await signIn(other.page, OWNER);
  await other.page.getByRole('region', { name: 'Entry' }).getByText('Answered 409').waitFor();
  expect(await said(other.page)).toEqual(['Tried to make the key by a program']);

  await entry.getByRole('button', { name: 'All they did' }).click();
  await entry.waitFor({ state: 'detached' });
  expect(await page.getByLabel('Who').locator('option:checked').innerText()).toBe('This server');
  await page.getByText('Made the key').first().waitFor();
  await page.goBack();
  await entry.getByText('Answered 409').waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await page.waitForURL(/\/dashboard\/audit$/);
});

test('the log goes on where its first page ends, by keyboard as well', async () => {
  const headers = { authorization: `Bearer ${parlor.ready.api_key}`, 'content-type': 'application/json' };
  for (let count = 0; count < 55; count += 1) {
    const gone = await fetch(`${parlor.ready.url}/api/api-keys/nothing-${count}`, { method: 'DELETE', headers });
    expect(gone.status).toBe(404);
  }
  const { page } = await open(OWNER, '/dashboard/audit?result=refused&action=delete');
  await page.getByText('50 of 55 entries').waitFor();
  await page.getByRole('button', { name: 'Older' }).click();
  await page.getByText('5 of 55 entries').waitFor();
  expect((await said(page)).at(-1)).toBe('Tried to revoke the key nothing-0');
  await page.reload();
  await page.getByText('5 of 55 entries').waitFor();
  await page.getByRole('button', { name: 'Newest' }).click();
  await page.getByText('50 of 55 entries').waitFor();

  // Whoever comes back is told what is new, and nothing moves by itself.
  await fetch(`${parlor.ready.url}/api/api-keys/nothing-55`, { method: 'DELETE', headers });
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await page.getByRole('button', { name: '1 new' }).waitFor();
  expect((await said(page)).at(0)).toBe('Tried to revoke the key nothing-54');
  await page.getByRole('button', { name: '1 new' }).click();
  await page.getByText('50 of 56 entries').waitFor();
  expect((await said(page)).at(0)).toBe('Tried to revoke the key nothing-55');
  expect(await page.getByRole('button', { name: '1 new' }).count()).toBe(0);

  const row = (count: number) => page.getByRole('link', { name: new RegExp(`nothing-${count}$`) });
  await row(54).focus();
  await page.keyboard.press('j');
  expect(await row(53).evaluate((link) => link === document.activeElement)).toBe(true);
  await page.getByRole('row', { name: /nothing-53/ }).getByText(/ UTC$/).waitFor({ state: 'visible' });
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Entry' }).getByText('nothing-53').first().waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Entry' }).getByText('nothing-54').first().waitFor();
});

test('an invitation is changed, gets a new link, and is taken back', async () => {
  const { page } = await open(OWNER, '/dashboard/members');
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByLabel('Email').fill('amina');
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
  await page.getByText('An address has something before and after one @.').waitFor();
  await page.getByLabel('Email').fill('amina@studio.example');
  await page.getByLabel('Stands for').selectOption('1 day');
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
  const link = await page.locator('.secret .k').innerText();
  await page.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('row', { name: /amina@studio.example/ });
  await row.getByText(/In (1 day|24 h)/).waitFor();
  await choose(page, 'amina', 'Change…');
  await page.getByRole('dialog').getByRole('button', { name: 'Owner' }).click();
  await page.getByRole('button', { name: 'Change invitation' }).click();
  await row.getByText('Owner').waitFor();

  // The server shows a link once: whoever lost it makes another.
  await page.reload();
  await choose(page, 'amina', 'New link…');
  await page.getByRole('button', { name: 'Make a new link' }).click();
  const other = await page.locator('.secret .k').innerText();
  expect(other).not.toBe(link);
  await page.getByRole('button', { name: 'Done' }).click();
  await row.getByText('Owner').waitFor();
  const { page: invited } = await visit(stage.browser, link);
  await invited.getByRole('heading', { level: 1, name: 'This invitation is over' }).waitFor();
  await invited.goto(other);
  await invited.getByLabel('Your name').waitFor();
  await choose(page, 'amina', 'Take back…');
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByText('Took back the invitation of amina@studio.example').waitFor();
  await invited.reload();
  await invited.getByRole('heading', { level: 1, name: 'This invitation is over' }).waitFor();
});

test('the last owner stays one', async () => {
  const { page } = await open(OWNER, '/dashboard/members');
  await choose(page, OWNER.email, 'Change access…');
  await page.getByRole('dialog').getByRole('button', { name: 'Member' }).click();
  await page.getByRole('alert').getByText('Make somebody else one first').waitFor();
  await page.getByRole('button', { name: 'Change access' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.reload();
  await page.getByRole('row', { name: new RegExp(OWNER.email) }).getByText('Owner').waitFor();
});

test('both pages are accessible as they are served', async () => {
  const { page } = await open(OWNER, '/dashboard/members');
  await page.getByText('Nobody is invited at the moment.').waitFor();
  await expectAccessible(page, 'identity-members');
  await page.setViewportSize({ width: 1440, height: 900 });
  await goTo(page, 'Audit');
  await page.locator('.log').waitFor();
  await expectAccessible(page, 'identity-audit');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('.log tbody a').first().click();
  await page.getByRole('button', { name: 'Audit', exact: true }).waitFor();
  await expectAccessible(page, 'identity-audit-entry');
});
