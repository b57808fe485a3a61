// Everybody's camera and sound: daily-js participants in, page out.
const $ = (id) => document.getElementById(id);

/** Brings what is on the page up to date with one participant. */
export function showPlayer({ session_id: id, local, user_name: name, tracks }) {
  const tile = $(`player-${id}`) ?? newTile(id);
  const isMuted = tracks.audio.state === 'off';
  tile.querySelector('span').textContent = `${name || 'Guest'}${local ? ' (you)' : ''}${isMuted ? ', muted' : ''}`;
  play(tile, 'video', tracks.video);
  // Hearing oneself would be an echo.
  if (!local) play(tile, 'audio', tracks.audio);
}

export function removePlayer(id) {
  $(`player-${id}`)?.remove();
}

export function removeAllPlayers() {
  $('tiles').replaceChildren();
}

/** Colours the tiles by team, and points out whose turn it is. */
export function dressPlayers({ teams, turn }) {
  for (const tile of $('tiles').children) {
    const id = tile.dataset.player;
    tile.dataset.team = teams.red.includes(id) ? 'red' : teams.blue.includes(id) ? 'blue' : '';
    tile.classList.toggle('speaker', turn?.speaker === id);
  }
}

function newTile(id) {
  const tile = document.createElement('li');
  tile.id = `player-${id}`;
  tile.dataset.player = id;
  tile.append(document.createElement('span'));
  $('tiles').append(tile);
  return tile;
}

/** Plays a track in the tile as long as there is something to play. */
function play(tile, kind, { state, persistentTrack }) {
  const existing = tile.querySelector(kind);
  if (state !== 'playable' || !persistentTrack) return existing?.remove();
  if (existing?.srcObject.getTracks()[0] === persistentTrack) return;
  const element = existing ?? document.createElement(kind);
  element.autoplay = true;
  element.playsInline = true;
  // Sound comes from audio elements alone: browsers start muted video at once.
  element.muted = kind === 'video';
  element.srcObject = new MediaStream([persistentTrack]);
  tile.prepend(element);
}
