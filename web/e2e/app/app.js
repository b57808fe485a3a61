// @ts-check
// A small app as a user of daily-js would write it: it makes call objects, puts
// every track that starts on the page, and keeps each event for the test to read.
(() => {
  const Daily = window.Daily ?? window.DailyIframe;
  const EVENTS = [
    'loading', 'load-attempt-failed', 'loaded', 'call-instance-destroyed', 'joining-meeting', 'started-camera',
    'camera-error', 'joined-meeting', 'left-meeting', 'error', 'nonfatal-error', 'participant-joined',
    'participant-updated', 'participant-left', 'participant-counts-updated', 'track-started', 'track-stopped',
    'active-speaker-change', 'active-speaker-mode-change', 'app-message', 'access-state-updated',
    'selected-devices-updated', 'available-devices-updated', 'network-connection', 'network-quality-change',
    'cpu-load-change', 'local-audio-level', 'remote-participants-audio-level', 'receive-settings-updated',
    'send-settings-updated', 'input-settings-updated', 'meeting-session-updated', 'meeting-session-summary-updated',
    'meeting-session-state-updated', 'local-screen-share-started', 'local-screen-share-stopped',
    'local-screen-share-canceled', 'waiting-participant-added', 'waiting-participant-updated',
    'waiting-participant-removed', 'recording-started', 'recording-stopped', 'recording-error', 'recording-data',
    'live-streaming-started', 'live-streaming-stopped', 'live-streaming-error', 'transcription-started',
    'transcription-stopped', 'transcription-error', 'lang-updated', 'test-completed', 'sidebar-view-changed',
    'custom-button-click', 'show-local-video-changed', 'theme-updated', 'fullscreen', 'exited-fullscreen',
  ];

  /** @type {{ name: string, at: number, data: unknown }[]} */
  const log = [];
  /** @type {any} */
  let call;

  /** What survives the way to the test: tracks by their ids, sets as lists. */
  function plain(value, depth = 0) {
    if (depth > 12 || typeof value === 'function') return undefined;
    if (value instanceof MediaStreamTrack) {
      return { id: value.id, kind: value.kind, readyState: value.readyState, muted: value.muted };
    }
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Uint8Array) return { bytes: value.length };
    if (value instanceof Set) return [...value];
    if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)]));
  }

  function show({ track, participant }) {
    if (participant?.local === true && track.kind === 'audio') return;
    const element = document.createElement(track.kind);
    element.srcObject = new MediaStream([track]);
    element.autoplay = true;
    element.muted = participant?.local === true;
    element.dataset['track'] = track.id;
    document.getElementById('people')?.append(element);
    element.play().catch(() => undefined);
  }

  function hide({ track }) {
    document.querySelector(`[data-track="${track.id}"]`)?.remove();
  }

  const create = (options) => adopt(Daily.createCallObject(options));
  const createFrame = (options) => adopt(Daily.createFrame(options));

  function adopt(mine) {
    for (const name of EVENTS) {
      mine.on(name, (event) => log.push({ name, at: Date.now(), data: plain(event) }));
    }
    mine.on('track-started', show);
    mine.on('track-stopped', hide);
    call = mine;
  }

  /** A picture that moves, or a tone: what the test can only name, since tracks do not travel to it. */
  function makeTrack(kind) {
    if (kind === 'video') {
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
      const brush = canvas.getContext('2d');
      setInterval(() => {
        if (brush === null) return;
        brush.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
        brush.fillRect(Math.random() * 640, Math.random() * 360, 90, 90);
      }, 40);
      return canvas.captureStream(25).getVideoTracks()[0];
    }
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    const out = sound.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    return out.stream.getAudioTracks()[0];
  }

  /** Puts tracks where the test has `{ $track: 'video' }`. */
  function revive(value) {
    if (Array.isArray(value)) return value.map(revive);
    if (value === null || typeof value !== 'object') return value;
    if (value.$track !== undefined) return makeTrack(value.$track);
    if (value.$stream !== undefined) return new MediaStream(value.$stream.map(makeTrack));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]));
  }

  /** How a method ends: never `waiting`, if all is well. */
  async function settle(method, args, withinMs) {
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, withinMs, 'waiting')));
    try {
      return await Promise.race([Promise.resolve(call[method](...revive(args))).then(() => 'resolved', () => 'rejected'), late]);
    } catch {
      return 'threw';
    } finally {
      clearTimeout(timer);
    }
  }

  /** Methods of the call object that an application may call. */
  function methods() {
    const names = Object.getOwnPropertyNames(Object.getPrototypeOf(call));
    return names.filter((name) => name !== 'constructor' && !name.startsWith('_') && typeof call[name] === 'function');
  }

  /** What the browser says it received of a person: straight from WebRTC, not from events. */
  async function received(sessionId) {
    const tracks = call.participants()[sessionId]?.tracks ?? {};
    const found = {};
    for (const key of Object.keys(tracks)) {
      const id = tracks[key]?.persistentTrack?.id;
      const receiver = window.recorded.peerConnections
        .flatMap((connection) => connection.getReceivers())
        .find((receiver) => receiver.track.id === id);
      if (id !== undefined && receiver !== undefined) {
        found[key] = [...(await receiver.getStats()).values()].find((report) => report.type === 'inbound-rtp');
      }
    }
    return found;
  }

  window.app = {
    log,
    create,
    createFrame,
    received,
    version: Daily.version(),
    settle,
    methods,
    run: async (method, args) => {
      const result = await call[method](...revive(args));
      return result === call ? undefined : plain(result);
    },
    participants: () => plain(call.participants()),
    tracksOnPage: () => document.querySelectorAll('[data-track]').length,
  };
})();
