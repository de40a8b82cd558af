import { join } from "node:path";
import { type Browser, type Page } from "@playwright/test";
import { expect, ROOT, test } from "../fixtures";
import { Meter, type Used } from "./meter";
import { serve } from "./serve";
import { type Row, verdict } from "./verdict";

const LIVE = { charts: 8, series: 4, window: 10_000, points: 10 };
const WARM_UP_SECONDS = 3;
const SECONDS = 10;
const CROSSHAIRS = 60;
const HEAVY = { points: 1_000_000 };
const VIEWS = 50;

type Measured = { frames: number; fps: number; gapP95: number; longTasks: number };
type Drive = {
  live: { measure(seconds: number): Promise<Measured>; latencies: number[] };
  startLive(load: typeof LIVE): Promise<void>;
  startHeavy(load: typeof HEAVY): Promise<number>;
  views(count: number): Promise<void>;
};
/** A function of the page's `window.drive`. */
function drive<A, R>(page: Page, run: (drive: Drive, argument: A) => R | Promise<R>, argument: A): Promise<R> {
  const source = `(${run})(window.drive, ${JSON.stringify(argument)})`;
  return page.evaluate(source) as Promise<R>;
}

type Bench = (page: Page, meter: Meter) => Promise<Record<string, number>>;

/** Runs a bench on the page of each library, one after the other, each in a process of its own. */
async function both(browser: Browser, bench: Bench): Promise<[Record<string, number>, Record<string, number>]> {
  const { url, server } = await serve(join(ROOT, "target/bench-page"));
  const results = [];
  for (const name of ["spate", "uplot"]) {
    const context = await browser.newContext({ viewport: { width: 1240, height: 2500 } });
    const page = await context.newPage();
    page.on("pageerror", (error) => console.log(`${name}: ${error.stack}`));
    page.on("console", (message) => console.log(`${name}: ${message.text()}`));
    await page.goto(`${url}/${name}.html`);
    await page.waitForFunction(() => "bench" in window && "drive" in window);
    results.push(await bench(page, await Meter.of(browser, page)));
    await context.close();
  }
  server.close();
  return results as [Record<string, number>, Record<string, number>];
}

function each({ main, renderer, wall }: Used, times: number) {
  return { main: main / times, renderer: renderer / times, wall: wall / times };
}

const NAMES: [string, string] = ["Spate", "uPlot"];

test("8 charts of 4 series follow 10,000 points each, 10 more a frame", async ({ browser }) => {
  const [ours, theirs] = await both(browser, async (page, meter) => {
    await drive(page, (drive, load) => drive.startLive(load), LIVE);
    await drive(page, (drive, seconds) => drive.live.measure(seconds), WARM_UP_SECONDS);
    const [heap, begun] = [await meter.heap(), await meter.now()];
    const measured = await drive(page, (drive, seconds) => drive.live.measure(seconds), SECONDS);
    const used = await meter.since(begun);
    const [memory, heapAfter] = [meter.memory(), await meter.heap()];
    const latencies = await crosshairs(page);
    return {
      ...measured,
      ...each(used, measured.frames),
      memory: memory / (1 << 20),
      heapGrowth: (heapAfter - heap) / (1 << 20),
      crosshairP50: quantile(latencies, 0.5),
      crosshairP95: quantile(latencies, 0.95),
    };
  });
  const row = (key: string, what: string, unit: string, wanted: Partial<Row>): Row => {
    return { what, ours: ours[key]!, theirs: theirs[key]!, unit, ...wanted };
  };
  const missed = verdict("live, 8 charts", NAMES, [
    row("fps", "frames drawn", "fps", { least: 58, leastOfTheirs: 1.9 }),
    row("gapP95", "gap between drawings, p95", "ms", { most: 20 }),
    row("longTasks", "tasks over 50 ms", "", { most: 0, digits: 0 }),
    row("main", "main thread, per frame", "ms", { mostOfTheirs: 0.1, digits: 2 }),
    row("renderer", "renderer CPU, per frame", "ms", { mostOfTheirs: 0.4, digits: 2 }),
    row("memory", "renderer memory", "MiB", { mostOfTheirs: 0.7, digits: 0 }),
    row("heapGrowth", `heap growth in ${SECONDS} s`, "MiB", { most: 0.1 }),
    row("crosshairP50", "crosshair, event to paint, p50", "ms", { most: 16, mostOfTheirs: 0.5 }),
    row("crosshairP95", "crosshair, event to paint, p95", "ms", {}),
  ]);
  expect(missed).toEqual([]);
});

/** Milliseconds from a move of the pointer to the painting of the values under it, while points arrive. */
async function crosshairs(page: Page): Promise<number[]> {
  for (let move = 0; move < CROSSHAIRS; move++) {
    await page.mouse.move(150 + ((move * 389) % 950), 100);
    await page.waitForFunction(
      (seen) => (window as unknown as { drive: Drive }).drive.live.latencies.length > seen,
      move,
    );
  }
  return drive(page, (drive) => drive.live.latencies, undefined);
}

test("a million points are panned and zoomed", async ({ browser }) => {
  const [ours, theirs] = await both(browser, async (page, meter) => {
    const created = await drive(page, (drive, load) => drive.startHeavy(load), HEAVY);
    const begun = await meter.now();
    await drive(page, (drive, count) => drive.views(count), VIEWS);
    return { created, ...each(await meter.since(begun), VIEWS) };
  });
  const row = (key: string, what: string, unit: string, wanted: Partial<Row>): Row => {
    return { what, ours: ours[key]!, theirs: theirs[key]!, unit, ...wanted };
  };
  const missed = verdict("1,000,000 points", NAMES, [
    row("created", "from nothing to the chart", "ms", { mostOfTheirs: 2, digits: 0 }),
    row("main", "main thread, per view", "ms", { mostOfTheirs: 0.3, digits: 2 }),
    row("renderer", "renderer CPU, per view", "ms", { mostOfTheirs: 0.5, digits: 2 }),
    row("wall", "time, per view", "ms", {}),
  ]);
  expect(missed).toEqual([]);
});

function quantile(values: number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.round(part * (values.length - 1))]!;
}
