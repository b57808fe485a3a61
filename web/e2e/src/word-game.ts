// The word game's own server, as its README starts it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { WORD_GAME } from './paths.ts';

const READY_WITHIN_MS = 10_000;

export interface WordGame {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export async function startWordGame(parlorUrl: string, apiKey: string): Promise<WordGame> {
  const child = spawn(WORD_GAME, [], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PARLOR_URL: parlorUrl, PARLOR_API_KEY: apiKey, LISTEN: '127.0.0.1:0' },
  });
  const killed = (): boolean => child.kill('SIGKILL');
  process.once('exit', killed);
  const url = await address(child);
  return {
    url,
    stop: async () => {
      process.off('exit', killed);
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** It says where it is in its first line. */
async function address(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the word game has no stdout');
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the word game does not start')), READY_WITHIN_MS);
    late.unref();
    lines.once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the word game ended at once (${code})`)));
  });
  return line.replace(/^word-game: /, '');
}
