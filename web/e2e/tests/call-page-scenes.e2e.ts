// Every screen of the call page that is hard to bring about in a real call, as
// a scene: accessible in both themes, on a desk and on a phone, and no wider
// than 320 pixels where there are no more. Leaves a picture of each.
import { fileURLToPath } from 'node:url';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, test } from 'vitest';

import { expectAccessible } from '../src/accessibility.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
let server: ViteDevServer;

beforeAll(async () => {
  const configFile = fileURLToPath(new URL('../../packages/call-page/harness/vite.config.ts', import.meta.url));
  server = await createServer({ configFile, server: { port: 0, hmr: false, watch: null }, logLevel: 'error' });
  await server.listen();
});
afterAll(() => server.close());

const SCENES = [
  'prejoin-ask', 'prejoin-denied', 'prejoin-system', 'prejoin-missing', 'prejoin-joining', 'waiting-nobody', 'settings-call',
  'knock-host', 'knock-people', 'knock-denied', 'host-tile-menu', 'host-leave', 'host-end', 'host-remove', 'call-rename', 'call-asked', 'call-broadcast',
  'call-commands', 'call-keys', 'call-troubles', 'call-captions', 'call-caption-log', 'call-screen-captions', 'call-two-screens', 'call-pinned',
  'call-advanced-chat', 'call-hundreds', 'call-many', 'call-two', 'call-tray', 'call-poor-panel', 'call-recording', 'call-away', 'end-declined',
];

test.each(SCENES)('%s', async (scene) => {
  const page = await stage.browser.newPage();
  await page.goto(`${server.resolvedUrls?.local[0]}?scene=${scene}`);
  await page.locator('#app > *').first().waitFor();
  await expectAccessible(page, `scene-${scene}`);
});
