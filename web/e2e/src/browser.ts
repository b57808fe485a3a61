// Chromium as media tests need it: a fake camera and microphone, loopback
// candidates, nothing fetched in the background.
import { chromium, type Browser, type BrowserServer } from 'playwright-core';

import { CHROMIUM } from './paths.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
];

/** A browser process of our own, with its pid. */
export async function startBrowser(...flags: readonly string[]): Promise<BrowserServer> {
  return chromium.launchServer({ executablePath: CHROMIUM, headless: true, args: [...FLAGS, ...flags] });
}

export async function connectTo(endpoint: string): Promise<Browser> {
  return chromium.connect(endpoint);
}

/** Signals the whole browser: it leads a process group of its own. */
export function signalBrowser(browser: BrowserServer, signal: NodeJS.Signals): void {
  const pid = browser.process().pid;
  if (pid === undefined) throw new Error('the browser never started');
  process.kill(-pid, signal);
}
