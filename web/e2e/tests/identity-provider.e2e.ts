// A person signs in through another provider, which is another server here:
// their browser goes there, proves who they are, and comes back.
import { execFileSync } from 'node:child_process';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { Parlor } from '../src/parlor.ts';
import { PARLOR } from '../src/paths.ts';
import { SecureParlor } from '../src/secure-parlor.ts';
import { Stage } from '../src/stage.ts';
import { signIn, visit } from '../src/visitor.ts';

const HERE = { email: 'priya@studio.example', password: 'correct horse & battery' };
const THERE = { email: HERE.email, password: 'another one altogether' };
const ID = 'studio-parlor';

const stage = Stage.forThisFile();
let provider: Parlor;
let server: SecureParlor;

const firstAccount = (account: typeof HERE) => ({ PARLOR_ADMIN_EMAIL: account.email, PARLOR_ADMIN_PASSWORD: account.password });

beforeAll(async () => {
  provider = await Parlor.start({ name: 'identity-provider-there', env: firstAccount(THERE) });
  const settings = ['name = "studio"', 'title = "Studio SSO"', `issuer = "${provider.ready.url}"`, `client_id = "${ID}"`];
  server = await SecureParlor.start('identity-provider-here', {
    settings: ['[[identity_provider]]', ...settings, ''].join('\n'),
    env: firstAccount(HERE),
  });
  const callback = `${server.ready.url}/account/sign-in/studio/callback`;
  const words = ['oauth-client', 'create', 'Studio calls', '--id', ID, '--public', '--redirect-uri', callback];
  execFileSync(PARLOR, [...words, '--data', provider.ready.data]);
});
afterAll(async () => {
  // In the order of their starts: one that never did leaves nothing running.
  await provider.stop();
  await server.stop();
});

async function open(path: string): Promise<Page> {
  return (await visit(stage.browser, server.ready.url + path, { ignoreHTTPSErrors: true })).page;
}

/** The way through the provider, from its sign-in page on. */
async function agreeThere(page: Page): Promise<void> {
  await page.waitForURL((url) => url.origin === provider.ready.url);
  await signIn(page, THERE);
  await page.getByRole('button', { name: 'Let it in' }).click();
}

test('whoever has an account connects it, and signs in through the provider from then on', async () => {
  const page = await open('/account/sign-in');
  await expectAccessible(page, 'account-sign-in-provider');
  await page.getByRole('link', { name: 'Continue with Studio SSO' }).click();
  await agreeThere(page);
  // The address alone opens nothing: anybody may claim one.
  await page.getByRole('heading', { level: 1, name: 'You have an account already' }).waitFor();
  await expectAccessible(page, 'account-provider-exists');

  await page.getByRole('link', { name: 'Go to the sign-in page' }).click();
  await signIn(page, HERE);
  await page.getByRole('heading', { level: 1, name: 'Connect Studio SSO?' }).waitFor();
  await expectAccessible(page, 'account-connect');
  await page.getByRole('button', { name: 'Connect' }).click();
  await agreeThere(page);
  await page.getByRole('heading', { level: 1, name: 'Your sessions' }).waitFor();
  await page.getByText('Opens your account').waitFor();
  await expectAccessible(page, 'account-sessions-provider');

  const other = await open('/account/sign-in?continue=/account/sessions');
  await other.getByRole('link', { name: 'Continue with Studio SSO' }).click();
  await agreeThere(other);
  await other.getByText('Through another provider').waitFor();
  await other.getByRole('link', { name: 'Disconnect Studio SSO' }).click();
  await other.getByRole('heading', { level: 1, name: 'Disconnect Studio SSO?' }).waitFor();
  await other.getByRole('button', { name: 'Disconnect' }).click();
  await other.getByText('Not connected with your account').waitFor();
  expect(await other.getByRole('link', { name: 'Connect Studio SSO' }).count()).toBe(1);
});
