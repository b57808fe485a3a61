// A way down that is narrow or loses packets: stands between a page and the
// server's UDP port, and is put into the answers that the page gets.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';

/** How the way down is. Up, everything passes. */
export interface Quality {
  /** `null`: as much as there is. */
  readonly kbps: number | null;
  /** The share of packets that never arrive. */
  readonly loss: number;
}

const FREE: Quality = { kbps: null, loss: 0 };
/** What waits at most before the narrow part; more is dropped, as routers do. */
const QUEUE_MS = 150;

/** One link, for one page. */
export class NarrowLink {
  readonly #server: { readonly port: number };
  readonly #front: Socket;
  /** One socket for each of the page's, so that the server can tell them apart. */
  readonly #backs = new Map<string, Socket>();
  #quality: Quality = FREE;
  /** When the narrow part has carried all that was put into it. */
  #busyUntil = 0;
  #random = 1;
  #isClosed = false;

  private constructor(front: Socket, server: { readonly port: number }) {
    this.#front = front;
    this.#server = server;
    front.on('message', (data, from) => this.#back(from).send(data, this.#server.port, '127.0.0.1'));
  }

  /** Puts a link between the page and whatever address its next answers name. */
  static async before(page: Page): Promise<NarrowLink> {
    const front = createSocket('udp4');
    await new Promise<void>((resolve) => front.bind(0, '127.0.0.1', resolve));
    const server = { port: 0 };
    const link = new NarrowLink(front, server);
    const { port } = front.address() as AddressInfo;
    await page.routeWebSocket(/_parlor/, (socket) => {
      const upstream = socket.connectToServer();
      upstream.onMessage((message) => {
        if (typeof message !== 'string' || !message.includes('"answer"')) return socket.send(message);
        const answer = JSON.parse(message) as { type: string; sdp?: string };
        if (answer.type !== 'answer' || answer.sdp === undefined) return socket.send(message);
        socket.send(JSON.stringify({ ...answer, sdp: through(answer.sdp, port, (found) => (server.port = found)) }));
      });
    });
    return link;
  }

  set(quality: Partial<Quality>): void {
    this.#quality = { ...FREE, ...quality };
  }

  close(): void {
    this.#isClosed = true;
    this.#front.close();
    for (const back of this.#backs.values()) back.close();
  }

  #back({ address, port }: RemoteInfo): Socket {
    const known = this.#backs.get(`${address}:${port}`);
    if (known !== undefined) return known;
    const back = createSocket('udp4');
    back.on('message', (data) => this.#down(data, port, address));
    this.#backs.set(`${address}:${port}`, back);
    return back;
  }

  #down(data: Buffer, port: number, address: string): void {
    const { kbps, loss } = this.#quality;
    if (this.#draw() < loss) return;
    const send = () => {
      if (!this.#isClosed) this.#front.send(data, port, address, () => undefined);
    };
    if (kbps === null) return send();
    const now = performance.now();
    const start = Math.max(now, this.#busyUntil);
    if (start - now > QUEUE_MS) return;
    this.#busyUntil = start + (data.length * 8) / kbps;
    setTimeout(send, this.#busyUntil - now);
  }

  /** 0 to 1, the same sequence in each run. */
  #draw(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }
}

/** The answer with the link's port for the server's, and without ways around it. */
function through(sdp: string, port: number, found: (port: number) => void): string {
  const lines = sdp.split('\r\n').filter((line) => !/^a=candidate:.* tcp /i.test(line));
  return lines
    .map((line) =>
      line.replace(/^(a=candidate:\S+ \d+ udp \d+ 127\.0\.0\.1 )(\d+)/i, (_all, before: string, server: string) => {
        found(Number(server));
        return `${before}${port}`;
      }),
    )
    .join('\r\n');
}
