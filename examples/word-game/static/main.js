// From the lobby into the call, and the game in it.
//
// The host's browser is the referee: players send it what they want as app
// messages, it tells everybody what is. Who the host is, the call knows: the
// one who joined with the token that the server made for this game.
import { openLobby } from './lobby.js';
import { Referee, shuffled } from './referee.js';
import { Table } from './table.js';
import { dressPlayers, removeAllPlayers, removePlayer, showPlayer } from './tiles.js';
import { WORDS } from './words.js';

const $ = (id) => document.getElementById(id);

let call = null;
let table = null;
/** In the host's browser only. */
let referee = null;
let alarm;

openLobby(play);

async function play({ id, name, room_url: url, token, playerName }) {
  call = Daily.createCallObject({
    url,
    userName: playerName,
    ...(token ? { token } : {}),
    // The room's server is also where daily-js gets its call machine from.
    dailyConfig: { proxyUrl: new URL(url).origin },
  });
  call
    .on('joined-meeting', ({ participants }) => enter({ id, name, isHost: participants.local.owner }))
    .on('participant-joined', ({ participant }) => welcome(participant))
    .on('participant-updated', ({ participant }) => update(participant))
    .on('participant-left', ({ participant }) => farewell(participant))
    .on('app-message', ({ data, fromId }) => hear(data, fromId))
    .on('left-meeting', () => goOut(''))
    .on('error', ({ errorMsg }) => goOut(errorMsg));
  // A refused join also arrives as `error`, where it is shown.
  await call.join().catch(() => undefined);
}

function enter({ id, name, isHost }) {
  const link = new URL(`?game=${encodeURIComponent(id)}`, location.href);
  history.replaceState(null, '', link);
  $('game-name').textContent = name;
  $('lobby').hidden = true;
  $('game').hidden = false;
  table = new Table(me(), nameOf);
  if (isHost) referee = new Referee(shuffled(WORDS));
  for (const participant of Object.values(call.participants())) welcome(participant);
}

function goOut(problem) {
  clearTimeout(alarm);
  table?.close();
  call?.destroy();
  call = table = referee = null;
  removeAllPlayers();
  $('game').hidden = true;
  $('lobby').hidden = false;
  $('problem').textContent = problem;
}

function welcome(participant) {
  showPlayer(participant);
  if (!referee) return;
  referee.join(participant.session_id);
  publish();
}

function update(participant) {
  // The camera may start before the call has given us an id.
  if (call.meetingState() !== 'joined-meeting') return;
  showPlayer(participant);
  if (participant.local) showControls(participant);
}

function farewell({ session_id: id, owner }) {
  removePlayer(id);
  referee?.leave(id, Date.now());
  if (referee) publish();
  else if (owner) table.lose('The host left, and took the words along');
}

// --- The game's messages ------------------------------------------------------

/** Players ask the host; the host asks the referee. */
function wish(what) {
  if (!referee) return call.sendAppMessage(what, host()?.session_id ?? '*');
  referee.handle(me(), what, Date.now());
  publish();
}

function hear(data, fromId) {
  if (referee) {
    referee.handle(fromId, data, Date.now());
    return publish();
  }
  // Anybody in the call may send anything; only the host's word counts.
  if (!call.participants()[fromId]?.owner) return;
  if (data.kind === 'state') show(data.view);
  if (data.kind === 'word') table.tellWord(data.word);
}

/** Tells everybody what is, the speaker the word, and wakes up when time is over. */
function publish() {
  const view = referee.view(Date.now());
  call.sendAppMessage({ kind: 'state', view });
  const { secret } = referee;
  if (secret?.speaker === me()) table.tellWord(secret.word);
  else if (secret) call.sendAppMessage({ kind: 'word', word: secret.word }, secret.speaker);
  show(view);
  clearTimeout(alarm);
  if (referee.wakeAt !== null) alarm = setTimeout(timeIsUp, referee.wakeAt - Date.now());
}

function timeIsUp() {
  referee.tick(Date.now());
  publish();
}

function show(view) {
  table.show(view);
  dressPlayers(view);
}

function me() {
  return call.participants().local.session_id;
}

function host() {
  return Object.values(call.participants()).find((participant) => participant.owner);
}

function nameOf(id) {
  const participants = call.participants();
  const player = id === me() ? participants.local : participants[id];
  return player?.user_name || 'Somebody who left';
}

// --- Controls -------------------------------------------------------------------

$('teams').addEventListener('click', ({ target }) => {
  if (target.dataset.team) wish({ kind: 'team', team: target.dataset.team });
});
$('begin').addEventListener('click', () => wish({ kind: 'begin' }));
$('go').addEventListener('click', () => wish({ kind: 'go' }));
$('skip').addEventListener('click', () => wish({ kind: 'skip' }));
$('guess').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  if (field.value.trim() !== '') wish({ kind: 'guess', text: field.value });
  field.value = '';
});

$('mic').addEventListener('click', () => call.setLocalAudio(!call.localAudio()));
$('cam').addEventListener('click', () => call.setLocalVideo(!call.localVideo()));
$('leave').addEventListener('click', () => call.leave());
$('invite').addEventListener('click', async () => {
  await navigator.clipboard.writeText(location.href);
  $('invite').textContent = 'Copied';
});

function showControls({ tracks }) {
  $('mic').textContent = tracks.audio.state === 'playable' ? 'Mute' : 'Unmute';
  $('cam').textContent = tracks.video.state === 'playable' ? 'Stop video' : 'Start video';
}
