// A browser window that runs the app: one daily-js version, one person.
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

import { NEWEST, type DailyVersion } from './app-server.ts';
import { keepHome, record, Traffic } from './recorder.ts';

export interface TrackView {
  readonly state: 'blocked' | 'off' | 'sendable' | 'loading' | 'interrupted' | 'playable';
  readonly subscribed: boolean | 'staged';
  readonly off?: Readonly<Record<string, boolean>>;
  readonly kind?: 'audio' | 'video';
  readonly track?: { readonly id: string };
}

export interface Participant {
  readonly session_id: string;
  readonly user_id: string;
  readonly user_name: string;
  readonly userData?: unknown;
  readonly local: boolean;
  readonly owner: boolean;
  readonly audio: boolean;
  readonly video: boolean;
  readonly record: boolean;
  readonly permissions: {
    readonly hasPresence: boolean;
    readonly canSend: boolean | readonly string[];
    readonly canAdmin: boolean | readonly string[];
  };
  readonly networkThreshold: string;
  readonly networkQualityState: string;
  readonly tracks: {
    readonly audio: TrackView;
    readonly video: TrackView;
    readonly screenAudio: TrackView;
    readonly screenVideo: TrackView;
    readonly [tag: string]: TrackView | undefined;
  };
}

export interface LoggedEvent<T = Record<string, unknown>> {
  readonly name: string;
  readonly at: number;
  readonly data: T;
}

/** What `getStats` says of one received track. */
export interface Inbound {
  readonly timestamp: number;
  readonly packetsReceived?: number;
  readonly framesDecoded?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
  readonly totalAudioEnergy?: number;
}

/** What arrived of one person. */
export interface Received {
  readonly audio?: Inbound;
  readonly video?: Inbound;
  readonly screenVideo?: Inbound;
  /** Custom tracks, by their tag. */
  readonly [tag: string]: Inbound | undefined;
}

interface App {
  readonly log: readonly LoggedEvent[];
  readonly version: string;
  create(options: object): void;
  createFrame(options: object): void;
  run(method: string, args: readonly unknown[]): Promise<unknown>;
  participants(): Record<string, Participant>;
  received(sessionId: string): Promise<Received>;
  tracksOnPage(): number;
  settle(method: string, args: readonly unknown[], withinMs: number): Promise<string>;
  methods(): string[];
}

declare global {
  interface Window {
    app: App;
  }
}

export interface Place {
  readonly browser: Browser;
  readonly appUrl: string;
}

export class AppWindow {
  readonly page: Page;
  readonly traffic: Traffic;

  private constructor(page: Page, traffic: Traffic) {
    this.page = page;
    this.traffic = traffic;
  }

  static async open(place: Place, version: DailyVersion = NEWEST): Promise<AppWindow> {
    const context = await place.browser.newContext();
    await context.addInitScript(record);
    await keepHome(context);
    const page = await context.newPage();
    const traffic = new Traffic(page);
    await page.goto(`${place.appUrl}/app/${version}`);
    expect(await page.evaluate(() => window.app.version)).toBe(version);
    return new AppWindow(page, traffic);
  }

  async create(options: object): Promise<void> {
    await this.page.evaluate((options) => window.app.create(options), options);
  }

  /** The other mode of daily-js: the call page in a frame. */
  async createFrame(options: object): Promise<void> {
    await this.page.evaluate((options) => window.app.createFrame(options), options);
  }

  /** Calls a method of the call object and waits for what it returns. */
  async run<T = unknown>(method: string, ...args: readonly unknown[]): Promise<T> {
    return (await this.page.evaluate(([method, args]) => window.app.run(method, args), [method, args] as const)) as T;
  }

  /** How a method ends: `resolved`, `rejected`, `threw`, or `waiting` after that time. */
  async settle(method: string, args: readonly unknown[] = [], withinMs = 5_000): Promise<string> {
    return this.page.evaluate(([method, args, ms]) => window.app.settle(method, args, ms), [method, args, withinMs] as const);
  }

  async join(options: object = {}): Promise<Participant> {
    await this.run('join', options);
    return this.me();
  }

  /** How `join` fails: the `error` event's type, text and nothing else. */
  async refusal(options: object = {}): Promise<{ type: string; msg: string }> {
    await this.run('join', options).catch(() => undefined);
    const event = await this.event<{ error: { type: string; msg: string } }>('error');
    return { type: event.data.error.type, msg: event.data.error.msg };
  }

  async participants(): Promise<Record<string, Participant>> {
    return this.page.evaluate(() => window.app.participants());
  }

  async me(): Promise<Participant> {
    const { local } = await this.participants();
    if (local === undefined) throw new Error('there is no local participant');
    return local;
  }

  async sees(sessionId: string): Promise<Participant | undefined> {
    return (await this.participants())[sessionId];
  }

  async events<T = Record<string, unknown>>(name: string): Promise<LoggedEvent<T>[]> {
    const log = await this.page.evaluate((name) => window.app.log.filter((event) => event.name === name), name);
    return log as LoggedEvent<T>[];
  }

  /** Waits for an event of that name that fits. */
  async event<T = Record<string, unknown>>(
    name: string,
    fits: (data: T) => boolean = () => true,
    withinMs = 15_000,
  ): Promise<LoggedEvent<T>> {
    let found: LoggedEvent<T> | undefined;
    await expect
      .poll(
        async () => {
          found = (await this.events<T>(name)).find((event) => fits(event.data));
          return found !== undefined;
        },
        { timeout: withinMs, interval: 50, message: `an event ${name} that fits` },
      )
      .toBe(true);
    return found as LoggedEvent<T>;
  }

  async received(sessionId: string): Promise<Received> {
    return this.page.evaluate((id) => window.app.received(id), sessionId);
  }

  async cspViolations(): Promise<readonly string[]> {
    return this.page.evaluate(() => window.recorded.cspViolations);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
