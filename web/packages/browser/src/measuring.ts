/** Measures the running connection at intervals, and says what that means. */
import type { CallState } from "@parlor/engine";

import { CpuFigureSampler, type CpuFigures } from "./cpu-figures.ts";
import { CpuLoad } from "./cpu-load.ts";
import type { NetworkStats } from "./figures.ts";
import type { Runner } from "./runner.ts";
import { qualityOf, StatsSampler } from "./stats.ts";

/** How often the connection is measured. */
const STATS_MS = 2_000;

/** The measurements of one call object. */
export class Measuring {
  readonly #runner: Runner;
  readonly #stats = new StatsSampler();
  #load = new CpuLoad();
  #cpu = new CpuFigureSampler();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  /** Begins and ends with the connection. */
  follow(state: CallState, before: CallState): void {
    if (state.phase === "joining" && before.phase !== "joining") this.#stats.reset();
    const isConnected = state.network.media === "connected";
    if (isConnected === (this.#timer !== null)) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stats.resume();
    this.#load = new CpuLoad();
    this.#cpu = new CpuFigureSampler();
    this.#timer = isConnected ? setInterval(() => void this.#sample(), STATS_MS) : null;
  }

  /** What pictures cost the processor. */
  get cpuFigures(): CpuFigures | null {
    return this.#cpu.latest;
  }

  /** The newest figures. */
  async latest(): Promise<NetworkStats | null> {
    if (!this.#stats.latest) await this.#sample();
    return this.#stats.latest;
  }

  async #sample(): Promise<void> {
    const report = await this.#runner.connection?.getStats();
    if (!report) return;
    this.#cpu.take(report.values());
    const { cpuLoad, cpuLoadReason, network } = this.#runner.engine.call;
    const { load, reason } = this.#load.take(report.values());
    if (load !== cpuLoad || reason !== cpuLoadReason) this.#runner.dispatch({ type: "load-measured", load, reason });
    const stats = this.#stats.take(report.values());
    if (!stats) return;
    this.#runner.reporter.measure(stats, Date.now());
    const quality = qualityOf(stats);
    if (quality !== network.quality) this.#runner.dispatch({ type: "quality-measured", quality });
  }
}
