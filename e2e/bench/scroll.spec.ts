import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Page } from "@playwright/test";
import { expect, Relay, stats, test } from "../fixtures";
import { Meter } from "./meter";
import { lap } from "./load";
import { verdict } from "./verdict";

const EVENTS_PER_SECOND = 5_000;
const SERIES = 10;
const SCROLL_SECONDS = 10;
const SCROLL_PX = 24;
const REST_SECONDS = 10;
const RUNS = 5;
/** As many panels as are painted in a window of 1440x1000: those seen, and those just below. */
const FEW = 10;
/** CSS pixels below the window from which a panel cannot be seen soon either. */
const FAR_PX = 500;

/** A dashboard of time series, two in a row, each of one of the series. */
function dashboard(panels: number) {
  const panel = (at: number) => ({
    kind: "time_series",
    stream: "load",
    measure: "value",
    filter: { key: [`k${at % SERIES}`] },
    layout: { x: 12 * (at % 2), y: 6 * Math.floor(at / 2), w: 12, h: 6 },
  });
  return { version: 1, title: `${panels} panels`, panels: Array.from({ length: panels }, (_, at) => panel(at)) };
}

/** A relay with a lively stream and dashboards of `panels` panels, called after their number. */
async function withRelay(panels: number[], run: (relay: Relay) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "spate-scroll-"));
  mkdirSync(join(folder, "dashboards"));
  for (const count of panels) {
    writeFileSync(join(folder, `dashboards/panels-${count}.json`), JSON.stringify(dashboard(count)));
  }
  const recording = lap(folder, { eventsPerSecond: EVENTS_PER_SECOND, series: SERIES });
  const config = join(folder, "relay.toml");
  const source = `[[source]]\nkind = "replay"\npath = "${recording}"\nspeed = 1\nloop = true\ntimes = "now"\n`;
  writeFileSync(config, `[dashboards]\nfiles = "dashboards"\n\n${source}`);
  const relay = await Relay.start({ config });
  try {
    await run(relay);
  } finally {
    await relay.kill();
    rmSync(folder, { recursive: true });
  }
}

/** Milliseconds from navigation until every panel in the window is painted and the page draws another frame. */
async function untilPainted(page: Page): Promise<number> {
  return page.evaluate(async () => {
    type Spate = { stats(): Promise<{ panels: { painted: number }[] }> };
    const seen = () =>
      [...document.querySelectorAll("[data-testid=panel] canvas")].filter((canvas) => {
        const { top, bottom } = canvas.getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
      }).length;
    for (;;) {
      const stats = await (window as unknown as { spate?: Spate }).spate?.stats();
      const painted = stats?.panels.filter((panel) => panel.painted > 0).length ?? 0;
      if (painted > 0 && painted >= seen()) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())));
  });
}

async function rest(seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}

/** Scrolls down and up again; gives the milliseconds between animation frames. */
async function scroll(page: Page): Promise<number[]> {
  return page.evaluate(
    async ([seconds, step]) => {
      const frame = () => new Promise<number>(requestAnimationFrame);
      const gaps = [];
      let [last, direction] = [await frame(), 1];
      for (const end = last + 1_000 * seconds!; last < end; ) {
        const root = document.scrollingElement!;
        const bottom = root.scrollHeight - innerHeight;
        direction = root.scrollTop >= bottom - 1 ? -1 : root.scrollTop <= 0 ? 1 : direction;
        root.scrollTop += direction * step!;
        const now = await frame();
        gaps.push(now - last);
        last = now;
      }
      return gaps;
    },
    [SCROLL_SECONDS, SCROLL_PX],
  );
}

test("50 panels are scrolled, and those that cannot be seen cost nothing", async ({ browser }) => {
  await withRelay([50, FEW], async (relay) => {
    const open = async (panels: number) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
      const page = await context.newPage();
      await page.goto(relay.at(`/?dashboard=panels-${panels}`));
      await untilPainted(page);
      return { page, meter: await Meter.of(browser, page) };
    };
    const atRest = async ({ page, meter }: { page: Page; meter: Meter }) => {
      const [begun, painted] = [await meter.now(), (await stats(page)).panels];
      await rest(REST_SECONDS);
      const [used, paintedAfter] = [await meter.since(begun), (await stats(page)).panels];
      const paintings = paintedAfter.map((panel, at) => panel.painted - painted[at]!.painted);
      return { paintings, main: (100 * used.main) / used.wall, renderer: (100 * used.renderer) / used.wall };
    };
    const few = await open(FEW);
    const fewAtRest = await atRest(few);
    await few.page.context().close();
    const many = await open(50);
    const manyAtRest = await atRest(many);
    const far = await many.page.evaluate(
      (px) =>
        [...document.querySelectorAll("[data-testid=panel] canvas")].filter(
          (canvas) => canvas.getBoundingClientRect().top > innerHeight + px,
        ).length,
      FAR_PX,
    );
    const gaps = await scroll(many.page);
    await many.page.context().close();

    const sorted = gaps.toSorted((a, b) => a - b);
    const hidden = manyAtRest.paintings.toSorted((a, b) => a - b).slice(0, far);
    const missed = verdict("50 panels", ["50", `${FEW}`], [
      { what: "frames while scrolling", ours: (1_000 * gaps.length) / sum(gaps), unit: "fps", least: 58 },
      { what: "gap between frames, p95", ours: sorted[Math.round(0.95 * (sorted.length - 1))]!, unit: "ms", most: 20 },
      { what: `paintings of the ${far} hidden panels`, ours: sum(hidden), unit: "", digits: 0, most: 0 },
      { what: "main thread at rest", ours: manyAtRest.main, theirs: fewAtRest.main, unit: "%", mostOfTheirs: 1.1 },
      { what: "renderer at rest", ours: manyAtRest.renderer, theirs: fewAtRest.renderer, unit: "%", mostOfTheirs: 1.1 },
    ]);
    expect(missed).toEqual([]);
  });
});

function sum(values: number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

test("a dashboard of 12 panels comes back", async ({ browser }) => {
  await withRelay([12], async (relay) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    const times: number[] = [];
    for (let run = 0; run <= RUNS; run++) {
      const page = await context.newPage();
      await page.goto(relay.at("/?dashboard=panels-12"), { waitUntil: "commit" });
      times.push(await untilPainted(page));
      await page.close();
    }
    await context.close();
    const [cold, ...warm] = times;
    const median = warm.toSorted((a, b) => a - b)[(RUNS - 1) / 2]!;
    console.log(`first navigation ${cold!.toFixed(0)} ms, then ${warm.map((time) => time.toFixed(0)).join(", ")} ms`);
    const missed = verdict("12 panels", ["median", ""], [
      { what: "from navigation to all that is seen painted, warm", ours: median, unit: "ms", digits: 0, most: 1_000 },
    ]);
    expect(missed).toEqual([]);
  });
});
