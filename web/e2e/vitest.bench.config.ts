import { mergeConfig } from 'vitest/config';

import tests from './vitest.config.ts';

/** Measurements: run by hand, on a machine that does nothing else. */
const bench = mergeConfig(tests, {});
export default { ...bench, test: { ...bench.test, include: ['bench/**/*.bench.ts'] } };
