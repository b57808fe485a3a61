// A server process of our own: started on a temporary folder, stopped by its pid.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { PARLOR, results } from './paths.ts';

/** What `parlor dev --json` prints once it is ready. */
export interface Ready {
  readonly url: string;
  readonly api_key: string;
  readonly domain: string;
  readonly data: string;
  readonly version: string;
}

export interface ParlorOptions {
  /** Names the log file. */
  readonly name: string;
  /** Kept after `stop` when given; otherwise a temporary folder. */
  readonly data?: string;
  readonly listen?: string;
  readonly udpPort?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const READY_WITHIN_MS = 20_000;
const STOPS_WITHIN_MS = 10_000;
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Parlor {
  readonly ready: Ready;
  /** The file that keeps what it says on stderr. */
  readonly log: string;
  readonly #child: ChildProcess;
  readonly #temporary: string | undefined;

  private constructor(child: ChildProcess, ready: Ready, log: string, temporary: string | undefined) {
    this.#child = child;
    this.ready = ready;
    this.log = log;
    this.#temporary = temporary;
  }

  static async start(options: ParlorOptions): Promise<Parlor> {
    const temporary = options.data === undefined ? await mkdtemp(join(tmpdir(), 'parlor-e2e-')) : undefined;
    const data = options.data ?? temporary ?? '';
    const args = ['dev', '--json', '--listen', options.listen ?? '127.0.0.1:0', '--data', data];
    args.push('--udp-port', String(options.udpPort ?? 0));
    const child = spawn(PARLOR, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const log = keepLog(child, options.name);
    return new Parlor(child, await readiness(child), log, temporary);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the server never started');
    return this.#child.pid;
  }

  /** `kill -9`: nothing is tidied up, the data folder stays. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** A polite stop. The exit code, or the signal that was needed. */
  async stop(): Promise<number | NodeJS.Signals> {
    const how = await this.#end('SIGTERM');
    if (this.#temporary !== undefined) await rm(this.#temporary, { recursive: true, force: true });
    return how;
  }

  async #end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill(signal);
      const tooLong = setTimeout(() => this.#child.kill('SIGKILL'), STOPS_WITHIN_MS);
      await exit;
      clearTimeout(tooLong);
    }
    return this.#child.exitCode ?? this.#child.signalCode ?? 0;
  }
}

function keepLog(child: ChildProcess, name: string): string {
  const log = join(results('logs'), `${name}.log`);
  child.stderr?.pipe(createWriteStream(log));
  return log;
}

async function readiness(child: ChildProcess): Promise<Ready> {
  if (child.stdout === null) throw new Error('the server has no stdout');
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no line on stdout within ${READY_WITHIN_MS} ms`)), READY_WITHIN_MS);
    late.unref();
    lines.once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the server ended at once (${code ?? signal})`)));
  });
  return JSON.parse(line) as Ready;
}
