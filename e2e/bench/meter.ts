import { readFileSync } from "node:fs";
import { type Browser, type CDPSession, type Page } from "@playwright/test";

/** What a page used in a while, as milliseconds of CPU. */
export type Used = {
  /** Milliseconds that passed. */
  wall: number;
  /** Tasks on its main thread. */
  main: number;
  /** Its renderer, with workers, raster and garbage collection. */
  renderer: number;
};

type Moment = { at: number; main: number; renderers: Map<number, number> };

/** What a page costs, by Chromium's own account and the kernel's. */
export class Meter {
  private process?: number;

  private constructor(
    private readonly system: CDPSession,
    private readonly session: CDPSession,
  ) {}

  /** A meter of the only page that is open. */
  static async of(browser: Browser, page: Page): Promise<Meter> {
    const system = await browser.newBrowserCDPSession();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    return new Meter(system, session);
  }

  /** A moment to count from. */
  async now(): Promise<Moment> {
    const { processInfo } = await this.system.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer");
    return {
      at: performance.now(),
      main: 1000 * (await this.metric("TaskDuration")),
      renderers: new Map(renderers.map(({ id, cpuTime }) => [id, 1000 * cpuTime])),
    };
  }

  /** What was used since a moment. The page's renderer is the one that worked most, beside spare ones. */
  async since(before: Moment): Promise<Used> {
    const after = await this.now();
    const worked = [...after.renderers].map(([id, cpu]) => [id, cpu - (before.renderers.get(id) ?? 0)] as const);
    const [id, renderer] = worked.toSorted((a, b) => b[1] - a[1])[0]!;
    this.process = id;
    return { wall: after.at - before.at, main: after.main - before.main, renderer };
  }

  /** Resident bytes of the renderer that `since` found. */
  memory(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.process}/status`, "utf8"))![1]) * 1024;
  }

  /** Bytes of JavaScript objects that are in use. */
  async heap(): Promise<number> {
    await this.session.send("HeapProfiler.collectGarbage");
    return this.metric("JSHeapUsedSize");
  }

  private async metric(wanted: string): Promise<number> {
    const { metrics } = await this.session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === wanted)!.value;
  }
}

export function mib(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(0);
}
