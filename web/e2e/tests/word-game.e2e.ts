// The complete small app: its server in Rust keeps the key, its players meet in
// a room made for their game, and the game is played by app messages.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { ExamplePage } from '../src/example-page.ts';
import { expectSeesAndHears } from '../src/media.ts';
import { Stage } from '../src/stage.ts';
import { startWordGame, type WordGame } from '../src/word-game.ts';

const stage = Stage.forThisFile();
const apiKey = inject('parlor').api_key;
let game: WordGame;

beforeAll(async () => {
  game = await startWordGame(stage.origin, apiKey);
});
afterAll(() => game.stop());

const open = (path = '/'): Promise<ExamplePage> => ExamplePage.open(stage.browser, `${game.url}${path}`);

/** Ana hosts a game, Bo finds it in the lobby. */
async function table(name: string): Promise<{ ana: ExamplePage; bo: ExamplePage }> {
  const [ana, bo] = [await open(), await open()];
  await ana.field('Your name').fill('Ana');
  await ana.field('Name of the game').fill(name);
  await ana.button('Start a game').click();
  await ana.button('Leave').waitFor();
  await bo.field('Your name').fill('Bo');
  await bo.button(`Join ${name}`).click();
  await bo.button('Leave').waitFor();
  await player(ana, 'Bo').waitFor();
  await player(bo, 'Ana').waitFor();
  expect(await player(bo, '').count()).toBe(2);
  return { ana, bo };
}

const player = (page: ExamplePage, name: string) =>
  page.page.getByRole('list', { name: 'Players' }).getByRole('listitem').filter({ hasText: name });
const headline = (page: ExamplePage) => page.page.getByRole('status').textContent();

/** Both join the red team and Ana begins, so the first turn is hers. */
async function begin({ ana, bo }: { ana: ExamplePage; bo: ExamplePage }): Promise<void> {
  await ana.button('Join Red (0)').click();
  await bo.button('Join Red (1)').click();
  await ana.button('Begin').click();
  await expect.poll(() => headline(bo)).toBe('Ana describes next');
}

test('two players meet in a room made for their game, and see and hear each other', async () => {
  const lobby = await open();
  await lobby.page.getByRole('heading', { name: 'Word of mouth' }).waitFor();
  await expectAccessible(lobby.page, 'word-game-lobby');
  const { ana, bo } = await table('Friday');
  await Promise.all([expectSeesAndHears(ana, 'Bo'), expectSeesAndHears(bo, 'Ana')]);
  for (const page of [ana, bo]) page.expectClean(game.url, stage.origin);
});

test('one describes, the other guesses and scores, and only the one who describes is sent the word', async () => {
  const { ana, bo } = await table('Saturday');
  await begin({ ana, bo });
  await ana.button('Start my turn').click();
  await bo.field('Your guess').waitFor();
  const word = (await ana.page.locator('#word').textContent()) ?? '';
  expect(word).not.toBe('');
  expect(await bo.page.content()).not.toContain(word);
  await bo.field('Your guess').fill('something else');
  await bo.button('Guess').click();
  await ana.page.getByRole('log').getByText('Bo: something else').waitFor();
  await bo.field('Your guess').fill(`  The ${word.toUpperCase()}!`);
  await bo.button('Guess').click();
  await ana.page.getByRole('log').getByText(`Bo got it: ${word}`).waitFor();
  await expect.poll(() => bo.page.locator('#score-red').textContent()).toBe('1');
  await ana.button('Skip this word').waitFor();
  expect(await ana.page.locator('#word').textContent()).not.toBe(word);
});

test('the table is accessible to who describes', async () => {
  const { ana, bo } = await table('Monday');
  await begin({ ana, bo });
  await ana.button('Start my turn').click();
  // Should the minute pass meanwhile, the next turn has to be accessible, too.
  await expectAccessible(ana.page, 'word-game-describing');
});

test('an invitation leads into its game, and a guest who leaves ends an impossible turn', async () => {
  const { ana, bo } = await table('Sunday');
  await begin({ ana, bo });
  const cy = await open(new URL(ana.page.url()).search);
  await cy.page.getByRole('heading', { name: 'Sunday' }).waitFor();
  await cy.field('Your name').fill('Cy');
  await cy.button('Join the game').click();
  await player(ana, 'Cy').waitFor();
  await bo.button('Leave').click();
  await expect.poll(() => headline(ana)).toBe('A draw');
  await ana.button('Leave').click();
  await expect.poll(() => headline(cy)).toBe('The host left, and took the words along');
});

test('what goes wrong is said in words, and the key stays on the server', async () => {
  const ana = await open('/?game=long-gone');
  await expect.poll(() => ana.page.getByRole('alert').textContent()).toBe('This game is over, or never was.');
  const answers = await Promise.all([
    fetch(`${game.url}/api/games`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x'.repeat(41) }),
    }),
    fetch(`${game.url}/api/games`),
    fetch(`${game.url}/main.js`),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual([400, 200, 200]);
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  for (const text of texts) expect(text).not.toContain(apiKey);
});
