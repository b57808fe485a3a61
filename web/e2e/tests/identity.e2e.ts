// A person with a browser: signs in, makes a key in the dashboard, uses it,
// revokes it, looks at their sessions and leaves.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { Parlor } from '../src/parlor.ts';
import { Stage } from '../src/stage.ts';
import { signIn as fillIn, visit } from '../src/visitor.ts';

const EMAIL = 'priya@studio.example';
const PASSWORD = 'correct horse & battery';

const stage = Stage.forThisFile();
let parlor: Parlor;

beforeAll(async () => {
  parlor = await Parlor.start({ name: 'identity', env: { PARLOR_ADMIN_EMAIL: EMAIL, PARLOR_ADMIN_PASSWORD: PASSWORD } });
});
afterAll(() => parlor.stop());

async function open(path: string, { origin, ...more }: { javaScriptEnabled?: boolean; origin?: string } = {}) {
  return visit(stage.browser, (origin ?? parlor.ready.url) + path, more);
}

async function signIn(path: string, more: { javaScriptEnabled?: boolean; origin?: string } = {}, password = PASSWORD) {
  const opened = await open(path, more);
  await fillIn(opened.page, { email: EMAIL, password });
  return opened;
}

test('a browser signs in, makes a key, uses it and revokes it', async () => {
  const { page, traffic } = await signIn('/dashboard');
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name').fill('game server');
  await page.getByRole('group', { name: 'Rooms' }).getByRole('button', { name: 'Write' }).click();
  await page.getByRole('button', { name: 'Make key' }).click();
  await page.getByRole('heading', { name: '“game server” is ready' }).waitFor();
  const value = await page.locator('.secret .k').innerText();
  expect(value).toMatch(/^parlor_[0-9A-Za-z]{66}$/);

  const call = (method: string, path: string, body?: object) =>
    fetch(parlor.ready.url + path, { method, headers: { authorization: `Bearer ${value}` }, ...(body ? { body: JSON.stringify(body) } : {}) });
  expect((await call('POST', '/v1/rooms', { name: 'lobby' })).status).toBe(200);
  const refused = await call('POST', '/v1/meeting-tokens', { properties: {} });
  expect([refused.status, JSON.stringify(await refused.json())]).toEqual([403, expect.stringContaining('create:tokens')]);

  await page.getByRole('button', { name: 'Copy key' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('row', { name: /game server/ });
  await row.getByText('write:rooms').waitFor();
  await page.reload();
  await row.getByText('Just now').waitFor();
  await row.getByRole('button', { name: 'Actions for key game server' }).click();
  await page.getByRole('menuitem', { name: 'Revoke…' }).click();
  await page.getByRole('button', { name: 'Revoke key' }).click();
  await page.getByText('Revoked “game server”').waitFor();
  await row.waitFor({ state: 'detached' });
  expect((await call('GET', '/v1/rooms')).status).toBe(401);

  expect(traffic.foreign(parlor.ready.url)).toEqual([]);
  expect(await page.evaluate(() => window.recorded.cspViolations)).toEqual([]);
});

test('signing in needs no script, and goes on to where one wanted', async () => {
  const { page } = await signIn('/account/sessions', { javaScriptEnabled: false });
  await page.getByRole('heading', { level: 1, name: 'Your sessions' }).waitFor();
  expect(await page.getByText('This browser').count()).toBe(1);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in to Parlor' }).waitFor();
  await page.goto(`${parlor.ready.url}/account/sessions`);
  await page.getByRole('heading', { level: 1, name: 'Sign in to Parlor' }).waitFor();
});

test('the way in is accessible in both themes, on a desk and on a phone', async () => {
  const { page } = await open('/account/sign-in');
  await expectAccessible(page, 'account-sign-in');
  await page.getByLabel('Email').fill(EMAIL);
  await page.getByLabel('Password').fill('something else');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('The email or the password is wrong.').waitFor();
  await expectAccessible(page, 'account-sign-in-wrong');
  for (const name of ['forgotten', 'invitations/nothing']) {
    await page.goto(`${parlor.ready.url}/account/${name}`);
    await expectAccessible(page, `account-${name.replace('/', '-')}`);
  }
});

test('pages of an account are accessible in both themes, on a desk and on a phone', async () => {
  const { page } = await signIn('/account/sessions');
  await page.getByText('This browser').waitFor();
  await expectAccessible(page, 'account-sessions');
  for (const name of ['device', 'password', 'passkeys']) {
    await page.goto(`${parlor.ready.url}/account/${name}`);
    await expectAccessible(page, `account-${name}`);
  }
});

// A browser binds passkeys to a name: the server's own, on a loopback address.
const byName = () => parlor.ready.url.replace('127.0.0.1', 'localhost');

/** A device of this page's browser that says yes to everything. */
async function addDevice(page: Page) {
  const devices = await page.context().newCDPSession(page);
  await devices.send('WebAuthn.enable');
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

test('a passkey is added, opens the account without a password, and is removed', async () => {
  const { page, traffic } = await signIn('/account/passkeys', { origin: byName() });
  await addDevice(page);
  await page.getByText('No passkeys yet.').waitFor();
  await expectAccessible(page, 'account-passkeys-empty');
  await page.getByLabel('Name of the new passkey').fill('Phone');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('never used').waitFor();
  await expectAccessible(page, 'account-passkeys');
  // The device knows the account already, and says so.
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('alert').getByText('This device has a passkey for your account already.').waitFor();

  await page.context().clearCookies();
  await page.goto(`${byName()}/account/sign-in?continue=/account/passkeys`);
  const answer = page.waitForRequest(/passkey\/finish$/);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByText('last used').waitFor();
  const sent = await answer;

  // What was answered once is worth nothing again, in this browser or without it.
  await page.context().clearCookies({ name: 'parlor_session' });
  await page.goto(`${byName()}/account/sign-in`);
  const again = await page.evaluate(
    async ({ body, csrf }) => {
      const headers = { 'x-csrf': csrf };
      return (await fetch('/account/sign-in/passkey/finish', { method: 'POST', headers, body })).status;
    },
    { body: sent.postData() ?? '', csrf: await page.locator('[name=csrf]').first().inputValue() },
  );
  expect(again).toBe(400);

  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
  await page.goto(`${byName()}/account/passkeys`);
  await page.getByRole('button', { name: 'Remove Phone' }).click();
  await page.getByText('No passkeys yet.').waitFor();
  await page.context().clearCookies();
  await page.goto(`${byName()}/account/sign-in`);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('alert').getByText('This passkey opens no account here').waitFor();
  expect(traffic.foreign(byName())).toEqual([]);
  expect(await page.evaluate(() => window.recorded.cspViolations)).toEqual([]);
});

test('a page opened by the address offers no passkeys, and says where they are', async () => {
  const { page } = await signIn('/account/passkeys');
  await page.getByRole('link', { name: byName() }).waitFor();
  expect(await page.getByRole('button', { name: 'Add a passkey' }).count()).toBe(0);
  await page.context().clearCookies();
  await page.goto(`${parlor.ready.url}/account/sign-in`);
  expect(await page.getByRole('button', { name: 'Use a passkey' }).count()).toBe(0);
});

test('another password signs other browsers out, with and without a script', async () => {
  const other = await signIn('/account/sessions');
  const next = 'quite another horse';
  for (const [javaScriptEnabled, before, after] of [[true, PASSWORD, next], [false, next, PASSWORD]] as const) {
    const { page } = await signIn('/account/password', { javaScriptEnabled }, before);
    if (javaScriptEnabled) {
      await page.getByLabel('Password now').fill(before);
      await page.getByRole('button', { name: 'Show what you type' }).first().click();
      expect(await page.getByLabel('Password now').getAttribute('type')).toBe('text');
    }
    await page.getByLabel('Password now').fill(before);
    await page.getByLabel('New password', { exact: true }).fill(after);
    await page.getByLabel('New password again').fill(after);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByRole('heading', { level: 1, name: 'Password changed' }).waitFor();
    await page.getByRole('link', { name: 'Your sessions' }).click();
    await page.getByText('This browser').waitFor();
    expect(await page.getByRole('button', { name: /Sign out/ }).count()).toBe(1);
  }
  await other.page.reload();
  await other.page.getByRole('heading', { level: 1, name: 'Sign in to Parlor' }).waitFor();
});

test('somebody without an account joins by the link of an invitation', async () => {
  const headers = { authorization: `Bearer ${parlor.ready.api_key}`, 'content-type': 'application/json' };
  const [org] = await (await fetch(`${parlor.ready.url}/api/organizations`, { headers })).json();
  const invite = async (email: string) => {
    const body = JSON.stringify({ email, role: 'member' });
    const made = await fetch(`${parlor.ready.url}/api/organizations/${org.id}/invitations`, { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    return new URL((await made.json()).url).pathname;
  };
  const link = await invite('tomas@studio.example');
  const { page } = await open(link, { javaScriptEnabled: false });
  expect(await page.getByLabel('Email').inputValue()).toBe('tomas@studio.example');
  await page.getByLabel('Your name').fill('Tomás Rivera');
  await page.getByLabel('Choose a password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Make an account and join' }).click();
  await page.waitForURL(/\/dashboard$/);
  await page.goto(parlor.ready.url + link);
  await page.getByRole('heading', { level: 1, name: 'This invitation is over' }).waitFor();

  const second = await open(await invite('amina@studio.example'));
  await expectAccessible(second.page, 'account-invitation');
});
