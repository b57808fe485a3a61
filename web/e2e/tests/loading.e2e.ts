import { expect, test } from 'vitest';

import type { AboutTrack } from '../src/events.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();

interface Recipe {
  readonly name: string;
  readonly version?: '0.49.1';
  readonly config: (origin: string) => object;
}

const RECIPES: readonly Recipe[] = [
  { name: 'proxyUrl', config: (origin) => ({ proxyUrl: origin }) },
  { name: 'proxyUrl with a trailing slash', config: (origin) => ({ proxyUrl: `${origin}/` }) },
  { name: 'proxyUrl and a script tag (avoidEval)', config: (origin) => ({ proxyUrl: origin, avoidEval: true }) },
  { name: 'proxyUrl and fetch (avoidEval off)', config: (origin) => ({ proxyUrl: origin, avoidEval: false }) },
  {
    name: 'callObjectBundleUrlOverride',
    config: (origin) => ({ callObjectBundleUrlOverride: `${origin}/static/call-machine-object-bundle.js` }),
  },
  { name: 'bundlePathOverride', config: (origin) => ({ bundlePathOverride: `${origin}/static` }) },
  {
    name: 'avoidEval in the oldest version',
    version: '0.49.1',
    config: (origin) => ({ proxyUrl: origin, avoidEval: true }),
  },
  {
    name: 'callObjectBundleUrlOverride in the oldest version',
    version: '0.49.1',
    config: (origin) => ({ callObjectBundleUrlOverride: `${origin}/static/call-machine-object-bundle.js` }),
  },
];

test.each(RECIPES)('an app that points here by $name joins', async ({ config, version }) => {
  const room = await stage.rest.createRoom();
  const ana = await stage.window(version);
  await ana.create({ url: room.url, dailyConfig: config(stage.origin) });
  const me = await ana.join();
  expect(me.tracks).toMatchObject({ audio: { state: 'playable' }, video: { state: 'playable' } });
  expect(ana.traffic.foreign(stage.appUrl, stage.origin)).toEqual([]);
});

test('an app that knows nothing of us joins when its vendor address leads here', async () => {
  const room = await stage.rest.createRoom();
  const ana = await stage.window('0.49.1');
  await ana.page.route('https://c.daily.co/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `${stage.origin}${pathname}` }) });
  });
  await ana.create({ url: room.url, dailyConfig: { avoidEval: true } });
  expect((await ana.join()).tracks).toMatchObject({ audio: { state: 'playable' }, video: { state: 'playable' } });
});

test.each(['0.49.1', '0.62.0'] as const)('an app on %s that passes settings of its own joins by a script before it', async (version) => {
  const room = await stage.rest.createRoom();
  const ana = await stage.window(version);
  await ana.page.evaluate((bundle) => {
    const settings = Object.defineProperty({}, 'callObjectBundleUrlOverride', { get: () => bundle, set: () => {}, enumerable: true });
    Object.assign(window, { _dailyConfig: settings });
  }, `${stage.origin}/static/call-machine-object-bundle.js`);
  await ana.create({ url: room.url, dailyConfig: { userMediaVideoConstraints: { width: 320 } } });
  expect((await ana.join()).tracks).toMatchObject({ audio: { state: 'playable' }, video: { state: 'playable' } });
  expect(ana.traffic.foreign(stage.appUrl, stage.origin)).toEqual([]);
});

test('one hears of the own tracks before the join is done, and events come in the order of the contract', async () => {
  const room = await stage.rest.createRoom();
  const ana = await stage.caller(room.url);
  await ana.join();
  const started = await ana.events<AboutTrack>('track-started');
  expect(started.map((event) => event.data.track.kind).sort()).toEqual(['audio', 'video']);
  expect(started.every((event) => event.data.participant?.local === true)).toBe(true);
  const names = await ana.page.evaluate(() => window.app.log.map((event) => event.name));
  const order = ['loading', 'loaded', 'joining-meeting', 'access-state-updated', 'started-camera', 'joined-meeting'];
  const seen = names.filter((name) => order.includes(name));
  expect(seen.filter((name) => name !== 'loaded')).toEqual(order.filter((name) => name !== 'loaded'));
  expect(names.lastIndexOf('track-started')).toBeLessThan(names.indexOf('joined-meeting'));
});

test('a room address that is no address ends in an error, not in waiting', async () => {
  const ana = await stage.caller('not a url');
  expect((await ana.refusal()).type).not.toBe('');
});

test('leaving before the join is done ends as a leave', async () => {
  const room = await stage.rest.createRoom();
  const ana = await stage.caller(room.url);
  await ana.page.evaluate(() => void window.app.run('join', []).catch(() => undefined));
  await ana.run('leave');
  expect(await ana.run('meetingState')).toBe('left-meeting');
  expect((await ana.join()).local).toBe(true);
});
