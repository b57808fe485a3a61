// Runs in every page before its own scripts: remembers what no page tells.
import type { BrowserContext, Page } from 'playwright-core';

export interface Recorded {
  peerConnections: RTCPeerConnection[];
  cspViolations: string[];
}

declare global {
  interface Window {
    recorded: Recorded;
  }
}

/** Must not refer to anything outside: it is sent to the page as text. */
export function record(): void {
  const recorded: Recorded = { peerConnections: [], cspViolations: [] };
  window.recorded = recorded;
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      recorded.peerConnections.push(this);
    }
  };
  document.addEventListener('securitypolicyviolation', (event) => {
    recorded.cspViolations.push(`${event.violatedDirective}: ${event.blockedURI}`);
  });
}

/** Lets nothing out to the world: daily-js reports some errors to its vendor. */
export async function keepHome(context: BrowserContext): Promise<void> {
  await context.route(
    (url) => !['127.0.0.1', 'localhost'].includes(url.hostname),
    (route) => route.abort(),
  );
}

/** What a page asked of the network and complained about. */
export class Traffic {
  readonly complaints: string[] = [];
  readonly #requests: string[] = [];

  constructor(page: Page) {
    page.on('request', (request) => this.#requests.push(request.url()));
    page.on('websocket', (socket) => this.#requests.push(socket.url()));
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  /** How often this address was asked. */
  count(url: string): number {
    return this.#requests.filter((asked) => asked === url).length;
  }

  /** Requests to anybody but these origins. */
  foreign(...origins: readonly string[]): readonly string[] {
    const known = new Set(origins.map((origin) => new URL(origin).host));
    return this.#requests.filter((url) => /^(https?|wss?):/.test(url) && !known.has(new URL(url).host));
  }
}
