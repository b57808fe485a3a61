// What daily-js says of itself: the methods of its type definitions.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { DailyVersion } from './app-server.ts';

const packages = createRequire(import.meta.url);

/** Methods of the call object, as the package declares them. */
export function declaredMethods(version: DailyVersion): readonly string[] {
  const main = packages.resolve(`daily-js-${version}`);
  const types = readFileSync(join(dirname(main), '..', 'index.d.ts'), 'utf8');
  const body = /^export interface DailyCall \{\n(.*?)^\}/ms.exec(types)?.[1];
  if (body === undefined) throw new Error(`daily-js ${version} declares no call object`);
  return [...new Set([...body.matchAll(/^ {2}(\w+)(?:<.*>)?\(/gm)].flatMap(([, name]) => name ?? []))];
}
