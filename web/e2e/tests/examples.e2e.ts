// The examples that newcomers copy, each as its README starts it: two browsers
// see and hear each other, and what the page offers works.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { ExamplePage } from '../src/example-page.ts';
import { serveFolder, type FolderServer } from '../src/folder-server.ts';
import { expectSeesAndHears } from '../src/media.ts';
import { EXAMPLES } from '../src/paths.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

describe.each([
  { name: 'the plain page', slug: 'plain', folder: join(EXAMPLES, 'plain') },
  { name: 'the React app', slug: 'react', folder: join(EXAMPLES, 'react', 'dist') },
])('$name', ({ slug, folder }) => {
  let server: FolderServer;
  beforeAll(async () => {
    server = await serveFolder(folder);
  });
  afterAll(() => server.close());

  /** Two people who met in a new room. */
  async function meeting(): Promise<{ ana: ExamplePage; bo: ExamplePage }> {
    const { url } = await stage.rest.createRoom();
    const [ana, bo] = [await ExamplePage.open(stage.browser, `${server.url}/`), await ExamplePage.open(stage.browser, `${server.url}/`)];
    await ana.join(url, 'Ana');
    await bo.join(url, 'Bo');
    await ana.tile('Bo').waitFor();
    await bo.tile('Ana').waitFor();
    expect(await bo.tile('').count()).toBe(2);
    return { ana, bo };
  }

  test('two people see and hear each other, and nobody else is asked for anything', async () => {
    const { ana, bo } = await meeting();
    await Promise.all([expectSeesAndHears(ana, 'the other'), expectSeesAndHears(bo, 'the other')]);
    for (const page of [ana, bo]) page.expectClean(server.url, stage.origin);
    await expectAccessible(ana.page, `example-${slug}`);
  });

  test('muting, sharing and chat reach the other', async () => {
    const { ana, bo } = await meeting();
    await ana.button('Mute').click();
    await bo.tile('Ana, muted').waitFor();
    await ana.button('Unmute').click();
    await bo.tile('Ana, muted').waitFor({ state: 'detached' });
    await ana.button('Share screen').click();
    await bo.tile('Screen of Ana').locator('video').waitFor();
    await ana.button('Stop sharing').click();
    await bo.tile('Screen of Ana').waitFor({ state: 'detached' });
    await ana.say('<b>hello</b>');
    await bo.page.getByRole('log').getByText('<b>hello</b>').waitFor();
    await ana.button('Leave').click();
    await ana.button('Join').waitFor();
    await bo.tile('Ana').waitFor({ state: 'detached' });
  });

  test('a refusal is shown at the door', async () => {
    const { url } = await stage.rest.createRoom({}, 'private');
    const ana = await ExamplePage.open(stage.browser, `${server.url}/`);
    await ana.field('Room URL').fill(url);
    await ana.field('Your name').fill('Ana');
    await ana.button('Join').click();
    await expect.poll(() => ana.page.getByRole('alert').textContent()).toContain('not allowed');
  });
});

test('the React app knocks at a private room, and its host lets people in or not', async () => {
  const server = await serveFolder(join(EXAMPLES, 'react', 'dist'));
  const { url, name } = await stage.rest.createRoom({ enable_knocking: true }, 'private');
  const token = await stage.rest.token({ room_name: name, is_owner: true });
  const open = (): Promise<ExamplePage> => ExamplePage.open(stage.browser, `${server.url}/`);
  const [ana, bo] = [await open(), await open()];
  await ana.field('Meeting token, if the room is private').fill(token);
  await ana.join(url, 'Ana');
  await bo.join(url, 'Bo');
  await bo.button('Ask to join').click();
  await ana.page.getByRole('region', { name: 'Waiting' }).getByText('Bo').waitFor();
  await ana.button('Refuse').click();
  await bo.page.getByRole('alert').getByText('Join request rejected').waitFor();
  const cy = await open();
  await cy.join(url, 'Cy');
  await cy.button('Ask to join').click();
  await ana.button('Let in').click();
  await ana.tile('Cy').waitFor();
  await cy.tile('Ana').waitFor();
  await server.close();
});
