// @ts-check
// A small app as a user of daily-js would write it: it makes call objects, puts
// every track that starts on the page, and keeps each event for the test to read.
(() => {
  const Daily = window.Daily ?? window.DailyIframe;
  const EVENTS = [
    'loading', 'load-attempt-failed', 'loaded', 'call-instance-destroyed', 'joining-meeting', 'started-camera',
    'camera-error', 'joined-meeting', 'left-meeting', 'error', 'nonfatal-error', 'participant-joined',
    'participant-updated', 'participant-left', 'participant-counts-updated', 'track-started', 'track-stopped',
    'active-speaker-change', 'app-message', 'access-state-updated', 'selected-devices-updated',
    'available-devices-updated', 'network-connection', 'network-quality-change', 'local-audio-level',
    'remote-participants-audio-level', 'receive-settings-updated', 'input-settings-updated', 'meeting-session-updated',
    'meeting-session-state-updated', 'local-screen-share-started', 'local-screen-share-stopped',
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

  /** What the browser says it received of a person: straight from WebRTC, not from events. */
  async function received(sessionId) {
    const tracks = call.participants()[sessionId]?.tracks ?? {};
    const found = {};
    for (const key of ['audio', 'video', 'screenVideo']) {
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
    run: async (method, args) => plain(await call[method](...args)),
    participants: () => plain(call.participants()),
    tracksOnPage: () => document.querySelectorAll('[data-track]').length,
  };
})();
