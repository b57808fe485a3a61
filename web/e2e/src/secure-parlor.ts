// `parlor serve` with TLS: a certificate of the tests, a port of its own.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PARLOR, results, TLS } from './paths.ts';
import type { Ready } from './parlor.ts';

const READY_WITHIN_MS = 20_000;

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class SecureParlor {
  readonly ready: Pick<Ready, 'url' | 'api_key' | 'domain'>;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, ready: SecureParlor['ready']) {
    this.#child = child;
    this.#folder = folder;
    this.ready = ready;
  }

  /** `settings` end its configuration; `env` is added to its environment. */
  static async start(name: string, { settings = '', env = {} } = {}): Promise<SecureParlor> {
    const folder = await mkdtemp(join(tmpdir(), 'parlor-tls-'));
    const url = `https://127.0.0.1:${await freePort()}`;
    const file = join(folder, 'parlor.toml');
    // What is for the tests, as PARLOR_BIN, the program would take for settings.
    const own = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith('PARLOR_')));
    await writeFile(file, configuration(url, folder) + settings);
    const child = spawn(PARLOR, ['serve', '--config', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...own, ...env },
    });
    child.stderr.pipe(createWriteStream(join(results('logs'), `${name}.log`)));
    await answers(url);
    const key = execFileSync(PARLOR, ['api-key', 'create', 'e2e', '--config', file], { encoding: 'utf8', env: own }).trim();
    return new SecureParlor(child, folder, { url, api_key: key, domain: 'local' });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exit;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function configuration(url: string, folder: string): string {
  return [
    `listen = '${new URL(url).host}'`,
    `data = '${join(folder, 'data')}'`,
    `[tls]`,
    `cert = '${TLS}first-certificate.pem'`,
    `key = '${TLS}first-key.pem'`,
    `[media]`,
    `udp_port = 0`,
    `ips = ['127.0.0.1']`,
    '',
  ].join('\n');
}

/** Whether anything does yet; whose certificate it has does not matter for that. */
async function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(`${url}/healthz`, { rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('error', () => resolve(false));
  });
}

async function answers(url: string): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await isHealthy(url))) {
    if (Date.now() > until) throw new Error(`nothing at ${url} within ${READY_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
