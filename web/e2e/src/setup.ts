// Starts once for the whole run: one server, one app server, one browser.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';

import { startAppServer } from './app-server.ts';
import { startBrowser } from './browser.ts';
import { CHROMIUM, PARLOR } from './paths.ts';
import { Parlor, type Ready } from './parlor.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    parlor: Ready;
    app: string;
    browser: string;
  }
}

/** Far longer than the whole run takes on two cores; after this it hangs. */
const GIVE_UP_AFTER_MS = 30 * 60_000;

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(PARLOR)) throw new Error(`no server at ${PARLOR}: cargo build -p parlor`);
  if (!existsSync(CHROMIUM)) throw new Error(`no browser at ${CHROMIUM}: apt-get install chromium, or set CHROMIUM`);
  const [parlor, app, browser] = await Promise.all([Parlor.start({ name: 'parlor' }), startAppServer(), startBrowser()]);
  project.provide('parlor', parlor.ready);
  project.provide('app', app.url);
  project.provide('browser', browser.wsEndpoint());
  const deadline = setTimeout(() => {
    process.stderr.write(`no end after ${GIVE_UP_AFTER_MS / 60_000} minutes: giving up\n`);
    process.exit(1);
  }, GIVE_UP_AFTER_MS);
  return async () => {
    clearTimeout(deadline);
    await Promise.all([browser.close(), app.close()]);
    await stopUnharmed(parlor);
  };
}

/** The server has to end well, and no thread of it may have panicked on the way. */
async function stopUnharmed(parlor: Parlor): Promise<void> {
  const how = await parlor.stop();
  const hasPanicked = (await readFile(parlor.log, 'utf8')).includes('panicked');
  if (how === 0 && !hasPanicked) return;
  // What a teardown throws is only printed.
  process.exitCode = 1;
  throw new Error(`the server ${hasPanicked ? 'panicked' : `ended with ${how}`}, see ${parlor.log}`);
}
