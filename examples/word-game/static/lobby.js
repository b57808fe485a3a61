// The page before the game: start one, join one.
const $ = (id) => document.getElementById(id);
const LOOK_EVERY_MS = 5_000;

/**
 * Shows the lobby. `play` is called with what one needs to join:
 * `{ id, name, room_url, token?, playerName }`.
 */
export function openLobby(play) {
  const invitedTo = new URLSearchParams(location.search).get('game');
  let isBusy = false;

  /** One thing at a time, and in words when it fails. */
  async function attempt(action) {
    if (isBusy) return;
    const playerName = $('player-name').value.trim();
    if (playerName === '') {
      $('problem').textContent = 'Type your name first.';
      return $('player-name').focus();
    }
    isBusy = true;
    $('problem').textContent = '';
    try {
      await play({ ...(await action()), playerName });
    } catch (error) {
      $('problem').textContent = error.message;
    }
    isBusy = false;
  }

  const join = (id) => attempt(async () => ({ id, ...(await ask(`/api/games/${encodeURIComponent(id)}`)) }));

  $('new-game').addEventListener('submit', (event) => {
    event.preventDefault();
    const name = new FormData(event.target).get('game');
    attempt(() => ask('/api/games', { name }));
  });
  $('accept').addEventListener('click', () => join(invitedTo));
  $('games').addEventListener('click', ({ target }) => {
    if (target.dataset.game) join(target.dataset.game);
  });

  if (invitedTo !== null) showInvitation(invitedTo);
  look();
  setInterval(look, LOOK_EVERY_MS);
}

async function showInvitation(id) {
  try {
    const { name } = await ask(`/api/games/${encodeURIComponent(id)}`);
    $('invited-title').textContent = name;
    $('invited').hidden = false;
  } catch (error) {
    $('problem').textContent = error.message;
  }
}

/** Keeps the list of open games fresh while somebody looks at it. */
async function look() {
  if ($('lobby').hidden || document.hidden) return;
  const games = await ask('/api/games').catch(() => []);
  $('no-games').hidden = games.length > 0;
  $('games').replaceChildren(...games.map(row));
}

function row({ id, name, players }) {
  const row = document.createElement('li');
  const text = document.createElement('span');
  text.textContent = `${name} · ${players === 1 ? '1 player' : `${players} players`}`;
  const button = document.createElement('button');
  button.textContent = 'Join';
  button.ariaLabel = `Join ${name}`;
  button.dataset.game = id;
  row.append(text, button);
  return row;
}

/** Asks the app's own server; what it says went wrong becomes the error. */
async function ask(path, body) {
  const response = await fetch(path, body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? 'The server did not answer. Try again.');
  return answer;
}
