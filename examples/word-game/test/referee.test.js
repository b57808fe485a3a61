import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Referee, shuffled, TURN_MS, TURNS } from '../static/referee.js';

/** Ana and Bo in red, ready for their first turn at 0. */
function pair() {
  const referee = new Referee(['lighthouse', 'umbrella', 'volcano']);
  for (const id of ['ana', 'bo']) {
    referee.join(id);
    referee.handle(id, { kind: 'team', team: 'red' }, 0);
  }
  referee.handle('ana', { kind: 'begin' }, 0);
  return referee;
}

test('a team of two plays alone, and takes turns in speaking', () => {
  const referee = pair();
  assert.equal(referee.view(0).turn.speaker, 'ana');
  referee.handle('ana', { kind: 'go' }, 0);
  referee.tick(TURN_MS);
  assert.equal(referee.view(TURN_MS).turn.speaker, 'bo');
});

test('a right guess scores and brings the next word', () => {
  const referee = pair();
  referee.handle('ana', { kind: 'go' }, 0);
  assert.deepEqual(referee.secret, { speaker: 'ana', word: 'lighthouse' });
  referee.handle('bo', { kind: 'guess', text: 'house' }, 1);
  assert.equal(referee.view(1).scores.red, 0);
  referee.handle('bo', { kind: 'guess', text: ' A Lighthouse! ' }, 2);
  assert.equal(referee.view(2).scores.red, 1);
  assert.equal(referee.secret.word, 'umbrella');
});

test('neither the speaker, nor the other team, nor a stranger can score', () => {
  const referee = pair();
  referee.join('cy');
  referee.handle('cy', { kind: 'team', team: 'blue' }, 0);
  referee.handle('ana', { kind: 'go' }, 0);
  for (const id of ['ana', 'cy', 'nobody']) referee.handle(id, { kind: 'guess', text: 'lighthouse' }, 1);
  assert.deepEqual(referee.view(1).scores, { red: 0, blue: 0 });
});

test('the word is in nothing that everybody sees', () => {
  const referee = pair();
  referee.handle('ana', { kind: 'go' }, 0);
  assert.ok(!JSON.stringify(referee.view(0)).includes('lighthouse'));
});

test('a guess after the time counts no more', () => {
  const referee = pair();
  referee.handle('ana', { kind: 'go' }, 0);
  referee.handle('bo', { kind: 'guess', text: 'lighthouse' }, TURN_MS);
  assert.equal(referee.view(TURN_MS).scores.red, 0);
  assert.equal(referee.view(TURN_MS).phase, 'ready');
});

test('two teams take turns until the last one', () => {
  const referee = pair();
  for (const id of ['cy', 'di']) {
    referee.join(id);
    referee.handle(id, { kind: 'team', team: 'blue' }, 0);
  }
  const teams = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const { team, speaker } = referee.view(0).turn;
    teams.push(team);
    referee.handle(speaker, { kind: 'go' }, turn * TURN_MS);
    referee.tick((turn + 1) * TURN_MS);
  }
  assert.deepEqual(teams, ['red', 'blue', 'red', 'blue', 'red', 'blue']);
  assert.equal(referee.view(0).phase, 'over');
});

test('a turn whose speaker leaves goes to somebody else', () => {
  const referee = pair();
  referee.join('cy');
  referee.handle('cy', { kind: 'team', team: 'red' }, 0);
  referee.handle('ana', { kind: 'go' }, 0);
  referee.leave('ana', 1);
  assert.equal(referee.view(1).phase, 'ready');
  referee.leave('bo', 2);
  assert.equal(referee.view(2).phase, 'over', 'nobody is left to guess');
});

test('nonsense changes nothing', () => {
  const referee = pair();
  const before = JSON.stringify(referee.view(0));
  for (const wish of [null, 7, 'go', {}, { kind: 'team', team: 'green' }, { kind: 'guess', text: 7 }, { kind: 'guess' }]) {
    referee.handle('bo', wish, 0);
  }
  assert.equal(JSON.stringify(referee.view(0)), before);
});

test('shuffling keeps every word', () => {
  assert.deepEqual(shuffled(['a', 'b', 'c'], () => 0.5).sort(), ['a', 'b', 'c']);
});
