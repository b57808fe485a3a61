// The app's own web server, on another origin than Parlor: a page for each
// daily-js version, with the package's published file exactly as npm delivers it.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import { APP } from './paths.ts';

/** From the oldest that people still run to the newest. */
export const VERSIONS = ['0.49.1', '0.62.0', '0.68.0', '0.85.0', '0.92.2'] as const;
export type DailyVersion = (typeof VERSIONS)[number];
export const NEWEST: DailyVersion = '0.92.2';
export const OLDEST: DailyVersion = '0.49.1';

const packages = createRequire(import.meta.url);

export interface AppServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export async function startAppServer(): Promise<AppServer> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/').then(
      ({ type, body }) => response.writeHead(200, { 'content-type': type }).end(body),
      (error: unknown) => response.writeHead(404, { 'content-type': 'text/plain' }).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function answer(path: string): Promise<{ type: string; body: string }> {
  const version = VERSIONS.find((version) => path.endsWith(version) || path.endsWith(`${version}.js`));
  if (path === '/app.js') return { type: 'text/javascript', body: await readFile(`${APP}app.js`, 'utf8') };
  if (path === '/note.svg') return { type: 'image/svg+xml', body: NOTE };
  if (path === '/frame.css') return { type: 'text/css', body: 'body { --from-file: 1 }' };
  if (version === undefined) throw new Error(`nothing at ${path}`);
  if (!path.startsWith('/daily-js/')) return { type: 'text/html; charset=utf-8', body: page(version) };
  return { type: 'text/javascript', body: await readFile(browserBuild(version), 'utf8') };
}

/** What an app brings along for its own button. */
const NOTE = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><path d="M5 5h14v14H5z"/></svg>';

/** The package's `main`, which is also its `unpkg` entry: a script for a tag. */
function browserBuild(version: DailyVersion): string {
  return packages.resolve(`daily-js-${version}`);
}

function page(version: DailyVersion): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>App with daily-js ${version}</title><link rel="icon" href="data:,"></head>
<body><main id="people"></main>
<script src="/daily-js/${version}.js"></script>
<script src="/app.js"></script>
</body></html>`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
