import { defineConfig } from 'vite';

export default defineConfig({
  // So that the built app can be put under any path.
  base: './',
  oxc: { jsx: { runtime: 'automatic' } },
  // daily-js and React come in one file.
  build: { chunkSizeWarningLimit: 700 },
});
