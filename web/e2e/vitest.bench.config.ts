import { defineConfig } from 'vitest/config';

import base from './vitest.config.ts';

export default defineConfig({ test: { ...base.test, include: ['bench/**/*.bench.ts'], testTimeout: 300_000, disableConsoleIntercept: true } });
