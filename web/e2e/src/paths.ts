// Where the suite finds what it tests and leaves what it saw.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The server under test. */
export const PARLOR = process.env['PARLOR_BIN'] ?? fromHere('../../../target/debug/parlor');
/** The browser. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** The test app's static files. */
export const APP = fromHere('../app/');

/** What newcomers copy: built and installed by `make examples`. */
export const EXAMPLES = fromHere('../../../examples/');
/** The server of the word game. */
export const WORD_GAME = process.env['WORD_GAME_BIN'] ?? fromHere('../../../target/debug/word-game');

/** Certificates for tests. */
export const TLS = fromHere('../../../tests/tls/');

/** A folder for logs and screenshots, ignored by git. */
export function results(folder: 'logs' | 'screenshots'): string {
  const path = fromHere(`../results/${folder}/`);
  mkdirSync(path, { recursive: true });
  return path;
}
