// What a person is asked before a program acts for them: on the page that an
// application sends them to, and on the page where they type a device's code.
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { Parlor } from '../src/parlor.ts';
import { PARLOR } from '../src/paths.ts';
import { Stage } from '../src/stage.ts';
import { signIn, visit } from '../src/visitor.ts';

const PRIYA = { email: 'priya@studio.example', password: 'correct horse & battery' };
// RFC 7636, appendix B.
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

const stage = Stage.forThisFile();
let parlor: Parlor;
/** A program on the person's device, which waits for an answer on a port of its own. */
let program: Server;

beforeAll(async () => {
  const env = { PARLOR_ADMIN_EMAIL: PRIYA.email, PARLOR_ADMIN_PASSWORD: PRIYA.password };
  parlor = await Parlor.start({ name: 'identity-applications', env });
  program = createServer((_, response) => response.end('<h1>Back at the program</h1>'));
  await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  program.close();
  await parlor.stop();
});

/** Where an application sends people. */
function request(client: string, callback: string): string {
  const asked = {
    response_type: 'code',
    client_id: client,
    redirect_uri: callback,
    scope: 'openid profile email offline_access',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  };
  return `/oauth/authorize?${new URLSearchParams(asked)}`;
}

async function signedIn(path: string) {
  const { page } = await visit(stage.browser, parlor.ready.url + path);
  await signIn(page, PRIYA);
  return page;
}

const token = (form: Record<string, string>) =>
  fetch(`${parlor.ready.url}/oauth/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'cli', ...form }) });

test('a program on the device is let in by the person alone, and each time anew', async () => {
  const callback = `http://127.0.0.1:${(program.address() as AddressInfo).port}/done`;
  const page = await signedIn(request('cli', callback));
  const question = page.getByRole('heading', { level: 1, name: 'Let Parlor command line in?' });
  await question.waitFor();
  await page.getByText('The answer goes to a program on this device').waitFor();
  await page.getByText(PRIYA.email).waitFor();
  await expectAccessible(page, 'account-consent-device');
  await page.getByRole('button', { name: 'Let it in' }).click();
  await page.getByRole('heading', { name: 'Back at the program' }).waitFor();
  const code = new URL(page.url()).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', redirect_uri: callback, code, code_verifier: VERIFIER };
  expect((await token(form)).status).toBe(200);

  await page.goto(parlor.ready.url + request('cli', callback));
  await question.waitFor();
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByRole('heading', { name: 'Back at the program' }).waitFor();
  expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');

  await page.goto(`${parlor.ready.url}/account/sessions`);
  await page.getByRole('button', { name: 'Sign out Parlor command line' }).click();
  await page.getByRole('heading', { name: 'Applications' }).waitFor({ state: 'detached' });
});

test('an application of others says where the answer goes', async () => {
  const callback = 'https://wiki.studio.example/cb';
  const words = ['oauth-client', 'create', 'Studio wiki', '--redirect-uri', callback, '--data', parlor.ready.data];
  const client = /client_id\s+(\S+)/.exec(execFileSync(PARLOR, words, { encoding: 'utf8' }))?.[1] ?? '';
  const page = await signedIn(request(client, callback));
  await page.getByRole('heading', { level: 1, name: 'Let Studio wiki in?' }).waitFor();
  await page.getByText('The answer goes to wiki.studio.example.').waitFor();
  await expectAccessible(page, 'account-consent');
  await page.goto(parlor.ready.url + request(client, 'https://elsewhere.example/cb'));
  await page.getByRole('heading', { level: 1, name: 'This sign-in cannot go on' }).waitFor();
  await expectAccessible(page, 'account-consent-stopped');
});

test('a device is signed in by its code, after a look at what it wants', async () => {
  const body = new URLSearchParams({ client_id: 'cli', scope: 'openid profile email offline_access' });
  const asked = await (await fetch(`${parlor.ready.url}/oauth/device`, { method: 'POST', body })).json();
  const page = await signedIn('/account/device');
  await page.getByLabel('Code').fill(asked.user_code);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('heading', { level: 1, name: 'Let Parlor command line in?' }).waitFor();
  await expectAccessible(page, 'account-device-confirm');
  await page.getByRole('button', { name: 'Let it in' }).click();
  await page.getByRole('heading', { level: 1, name: 'You are signed in there' }).waitFor();
  await expectAccessible(page, 'account-device-done');
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: asked.device_code };
  expect((await token(form)).status).toBe(200);
});
