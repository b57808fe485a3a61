// No method of daily-js leaves an app waiting: each one that the package
// declares is called, in the call and outside of it.
import { expect, test } from 'vitest';

import { NEWEST, OLDEST } from '../src/app-server.ts';
import { declaredMethods } from '../src/daily-types.ts';
import { Stage, type Guest } from '../src/stage.ts';

const stage = Stage.forThisFile();

/** Listeners are functions, which do not travel to the page; these two come last. */
const ELSEWHERE = new Set(['on', 'once', 'off', 'leave', 'destroy']);
/** They change the state that the round is about. */
const WAYS_IN = new Set(['join', 'load', 'preAuth', 'startCamera']);
/** Longer than the others may take, and told how long by us. */
const SLOW_MS: Readonly<Record<string, number>> = { testCallQuality: 45_000, testConnectionQuality: 45_000 };

const VIDEO = { $track: 'video' };

/** Arguments that fit, where a method wants some. */
function argumentsFor(other: string, url: string): Readonly<Record<string, readonly unknown[]>> {
  return {
    addFakeParticipant: [{ aspectRatio: 1 }],
    addLiveStreamingEndpoints: [{ endpoints: [{ endpoint: 'rtmp://127.0.0.1/live/key' }] }],
    cycleCamera: [{ preferDifferentFacingMode: true }],
    getReceiveSettings: ['base'],
    loadCss: [{ cssText: 'body {}' }],
    preAuth: [{ url }],
    removeLiveStreamingEndpoints: [{ endpoints: [{ endpoint: 'rtmp://127.0.0.1/live/key' }] }],
    requestAccess: [{ name: 'Ana' }],
    sendAppMessage: [{ word: 'hello' }],
    sendDTMF: [{ sessionId: other, tones: '1' }],
    setActiveSpeakerMode: [true],
    setBandwidth: [{ kbs: 300 }],
    setCustomIntegrations: [{}],
    setDailyLang: ['de'],
    setIceConfig: [{ iceServers: [], placement: 'back' }],
    setInputDevicesAsync: [{ audioDeviceId: 'default' }],
    setLocalAudio: [true],
    setLocalVideo: [false],
    setMeetingSessionData: [{ round: 1 }],
    setNetworkTopology: [{ topology: 'sfu' }],
    setOutputDeviceAsync: [{ outputDeviceId: 'default' }],
    setPlayNewParticipantSound: [true],
    setShowNamesMode: [false],
    setSidebarView: ['chat'],
    setSubscribeToTracksAutomatically: [true],
    setTheme: [{ colors: { accent: '#123456' } }],
    setUserData: [{ seat: 1 }],
    setUserName: ['Ana'],
    sipCallTransfer: [{ sessionId: other, toEndPoint: 'sip:a@example.com' }],
    sipRefer: [{ sessionId: other, toEndPoint: 'sip:a@example.com' }],
    startCustomIntegrations: ['x'],
    startCustomTrack: [{ track: VIDEO, trackName: 'film' }],
    startDialIn: [{ displayName: 'Ana' }],
    startDialOut: [{ sipUri: 'sip:a@example.com' }],
    startLiveStreaming: [{ rtmpUrl: 'rtmp://127.0.0.1/live/key' }],
    startRecording: [{ type: 'cloud' }],
    startRemoteMediaPlayer: [{ url: 'http://127.0.0.1/film.mp4' }],
    startTranscription: [{ language: 'en' }],
    stopCustomIntegrations: ['x'],
    stopCustomTrack: ['film'],
    stopDialOut: [{ sessionId: other }],
    stopRemoteMediaPlayer: [other],
    testConnectionQuality: [{ videoTrack: VIDEO, duration: 1 }],
    testNetworkConnectivity: [VIDEO],
    testPeerToPeerCallQuality: [{ videoTrack: VIDEO, duration: 1 }],
    updateCustomTrayButtons: [{}],
    updateInputSettings: [{ video: { processor: { type: 'background-blur', config: { strength: 0.5 } } } }],
    updateLiveStreaming: [{ layout: { preset: 'default' } }],
    updateParticipant: [other, { setAudio: false }],
    updateParticipants: [{ '*': { setVideo: false } }],
    updateReceiveSettings: [{ base: { video: { layer: 1 } } }],
    updateRecording: [{ layout: { preset: 'default' } }],
    updateRemoteMediaPlayer: [{ session_id: other, settings: { state: 'pause' } }],
    updateScreenShare: [{ screenVideo: { enabled: false } }],
    updateSendSettings: [{ video: 'bandwidth-optimized' }],
    updateTranscription: [{ participants: [other] }],
    updateWaitingParticipant: [other, { grantRequestedAccess: true }],
    updateWaitingParticipants: [{ '*': { grantRequestedAccess: true } }],
  };
}

/** How each method ends, but for those that end as they should. */
async function unsettled({ window }: Guest, methods: readonly string[], fitting: Readonly<Record<string, readonly unknown[]>>): Promise<string[]> {
  const waiting: string[] = [];
  for (const method of methods) {
    if ((await window.settle(method, fitting[method] ?? [], SLOW_MS[method] ?? 5_000)) === 'waiting') waiting.push(method);
  }
  return waiting;
}

test.each([NEWEST, OLDEST])('every declared method of daily-js %s settles, in the call and after it', async (version) => {
  const room = await stage.rest.createRoom();
  const owner = await stage.rest.token({ room_name: room.name, is_owner: true });
  const bo = await stage.guest(room.url, 'Bo', { startVideoOff: true });
  const ana = await stage.guest(room.url, 'Ana', { token: owner, startVideoOff: true }, version);
  const there = new Set(await ana.window.page.evaluate(() => window.app.methods()));
  const declared = declaredMethods(version);
  // One method of the oldest package is declared, but was never there.
  const methods = declared.filter((name) => !ELSEWHERE.has(name) && (version === NEWEST || there.has(name)));
  expect(methods.filter((name) => !there.has(name))).toEqual([]);
  expect(methods.length).toBeGreaterThan(60);
  // A stream of the app's own stays in the oldest package's cache, and it cannot join again with it.
  const screen = version === OLDEST ? [] : [{ mediaStream: { $stream: ['video'] } }];
  const fitting = { ...argumentsFor(bo.id, room.url), startScreenShare: screen };
  expect(await unsettled(ana, methods, fitting)).toEqual([]);
  expect(await ana.window.run('meetingState')).toBe('joined-meeting');
  for (const end of ['leave', 'leave']) expect(await ana.window.settle(end)).toBe('resolved');
  const outside = methods.filter((name) => !WAYS_IN.has(name) && !(name in SLOW_MS));
  expect(await unsettled(ana, outside, fitting)).toEqual([]);
  expect(await ana.window.settle('join', [])).toBe('resolved');
  for (const end of ['destroy', 'destroy']) expect(await ana.window.settle(end)).toBe('resolved');
});
