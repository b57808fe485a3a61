// A call with daily-js: join, tiles, mute, share, chat.
// The one line that knows of Parlor is `proxyUrl`.

const $ = (id) => document.getElementById(id);
/** The call that this page is in, if any. */
let call = null;

// ?url=…&name=… fills the form, so that a link can lead into a room.
for (const [name, value] of new URLSearchParams(location.search)) {
  const field = $('door').elements.namedItem(name);
  if (field) field.value = value;
}

$('door').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { url, name, token } = Object.fromEntries(new FormData(event.target));
  $('problem').textContent = '';
  call = Daily.createCallObject({
    url,
    userName: name,
    ...(token ? { token } : {}),
    // The server of the room is also where daily-js gets its call machine from.
    dailyConfig: { proxyUrl: new URL(url).origin },
  });
  call
    .on('joined-meeting', ({ participants }) => enter(participants.local))
    .on('participant-joined', ({ participant }) => showPerson(participant))
    .on('participant-updated', ({ participant }) => showPerson(participant))
    .on('participant-left', ({ participant }) => removePerson(participant))
    .on('app-message', ({ data, fromId }) => say(call.participants()[fromId]?.user_name, data.text))
    .on('active-speaker-change', ({ activeSpeaker }) => markSpeaker(activeSpeaker.peerId))
    .on('camera-error', ({ error }) => say('This browser', `gave no camera or microphone (${error.type})`))
    .on('left-meeting', () => goOut(''))
    .on('error', ({ errorMsg }) => goOut(errorMsg));
  // A refused join also arrives as `error`, where it is shown.
  await call.join().catch(() => undefined);
});

function enter(me) {
  $('door').hidden = true;
  $('call').hidden = false;
  showPerson(me);
}

function goOut(problem) {
  call?.destroy();
  call = null;
  $('tiles').replaceChildren();
  $('messages').replaceChildren();
  $('call').hidden = true;
  $('door').hidden = false;
  $('problem').textContent = problem;
}

// --- Tiles ------------------------------------------------------------------

/** Brings what is on the page up to date with one participant. */
function showPerson(participant) {
  // The camera may start before the call has given us an id.
  if (call.meetingState() !== 'joined-meeting') return;
  const { session_id: id, local, user_name: name, tracks } = participant;
  const who = local ? `${name} (you)` : name || 'Guest';
  const tile = tileOf(`person-${id}`);
  tile.dataset.person = id;
  describe(tile, tracks.audio.state === 'off' ? `${who}, muted` : who);
  play(tile, 'video', tracks.video);
  // Hearing oneself would be an echo.
  if (!local) play(tile, 'audio', tracks.audio);
  showScreen(participant, who);
  if (local) showControls(tracks);
}

function showScreen({ session_id: id, local, tracks }, who) {
  const key = `screen-${id}`;
  if (tracks.screenVideo.state === 'off') return $(key)?.remove();
  const tile = tileOf(key);
  tile.classList.add('screen');
  describe(tile, `Screen of ${who}`);
  play(tile, 'video', tracks.screenVideo);
  if (!local) play(tile, 'audio', tracks.screenAudio);
}

function removePerson({ session_id: id }) {
  $(`person-${id}`)?.remove();
  $(`screen-${id}`)?.remove();
}

function tileOf(key) {
  const existing = $(key);
  if (existing) return existing;
  const tile = document.createElement('li');
  tile.id = key;
  tile.append(document.createElement('span'));
  $('tiles').append(tile);
  return tile;
}

function describe(tile, text) {
  tile.querySelector('span').textContent = text;
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

function markSpeaker(id) {
  for (const tile of $('tiles').children) tile.classList.toggle('speaking', tile.dataset.person === id);
}

// --- Controls ---------------------------------------------------------------

function showControls(tracks) {
  $('mic').textContent = tracks.audio.state === 'playable' ? 'Mute' : 'Unmute';
  $('cam').textContent = tracks.video.state === 'playable' ? 'Stop video' : 'Start video';
  $('share').textContent = tracks.screenVideo.state === 'off' ? 'Share screen' : 'Stop sharing';
}

$('mic').addEventListener('click', () => call.setLocalAudio(!call.localAudio()));
$('cam').addEventListener('click', () => call.setLocalVideo(!call.localVideo()));
$('share').addEventListener('click', () => {
  if (call.participants().local.tracks.screenVideo.state === 'off') call.startScreenShare();
  else call.stopScreenShare();
});
$('leave').addEventListener('click', () => call.leave());

// --- Chat -------------------------------------------------------------------

$('compose').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  const text = field.value.trim();
  if (text === '') return;
  call.sendAppMessage({ text });
  // App messages go to the others only.
  say(call.participants().local.user_name, text);
  field.value = '';
});

function say(name, text) {
  const line = document.createElement('p');
  const who = document.createElement('b');
  who.textContent = name || 'Guest';
  // As text, never as HTML: it was typed by somebody else.
  line.append(who, ` ${text}`);
  $('messages').append(line);
  line.scrollIntoView();
}
