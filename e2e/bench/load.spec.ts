import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, Relay, stats, test } from "../fixtures";
import { lap } from "./load";
import { Meter, mib } from "./meter";

const EVENTS_PER_SECOND = 50_000;
const SERIES = 20;
const SECONDS = 60;
/** Seconds in which retention fills; memory is flat from then on. */
const FILL_SECONDS = 35;

test(`${EVENTS_PER_SECOND} events/s into one tab with ${SERIES} series for ${SECONDS} s`, async ({ browser, page }) => {
  const folder = mkdtempSync(join(tmpdir(), "spate-load-"));
  const config = join(folder, "relay.toml");
  const recording = lap(folder, { eventsPerSecond: EVENTS_PER_SECOND, series: SERIES });
  writeFileSync(config, `[[source]]\nkind = "replay"\npath = "${recording}"\nspeed = 1\nloop = true\ntimes = "now"\n`);
  const relay = await Relay.start({ config });
  try {
    await page.goto(relay.url);
    await page.evaluate(() => {
      const tasks: number[] = ((window as unknown as { longTasks: number[] }).longTasks = []);
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => tasks.push(entry.duration))).observe({
        type: "longtask",
      });
    });
    await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
    await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks.splice(0));

    const meter = await Meter.of(browser, page);
    const [begun, before] = [await meter.now(), await stats(page)];
    await new Promise((resolve) => setTimeout(resolve, FILL_SECONDS * 1_000));
    await meter.since(begun);
    const filled = meter.memory();
    await new Promise((resolve) => setTimeout(resolve, (SECONDS - FILL_SECONDS) * 1_000));
    const [used, after, full] = [await meter.since(begun), await stats(page), meter.memory()];
    const seconds = used.wall / 1_000;
    const head = (await (await fetch(relay.at("/api/v1/streams"))).json()).streams[0].head;

    const load = after.streams.load!;
    const painted = (all: typeof after) => all.panels.reduce((sum, panel) => sum + panel.painted, 0);
    const chart = after.panels.find((panel) => panel.kind === "time_series")!;
    const longTasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
    const ui = used.main / used.wall;
    const rows: [string, string, string][] = [
      ["events/s received", ((load.received - before.streams.load!.received) / seconds).toFixed(0), `${EVENTS_PER_SECOND}`],
      ["events shed, lost, doubled", `${load.shed}, ${load.gaps}, ${load.duplicates}`, "0, 0, 0"],
      ["events behind the relay's head at the end", `${head - load.next}`, "< 50000"],
      ["UI thread busy", `${(100 * ui).toFixed(1)} %`, "< 30 %"],
      ["renderer CPU", `${((100 * used.renderer) / used.wall).toFixed(0)} % of a core`, ""],
      ["tasks over 50 ms", `${longTasks.length}`, "0"],
      ["paintings/s, all panels", ((painted(after) - painted(before)) / seconds).toFixed(0), ""],
      ["chart of 20 series, paint p50 / p95", `${chart.paint_ms_p50.toFixed(1)} / ${chart.paint_ms_p95.toFixed(1)} ms`, ""],
      [`memory at ${FILL_SECONDS} s and at ${SECONDS} s`, `${mib(filled)} and ${mib(full)} MiB`, "flat within 5 %"],
    ];
    console.log(rows.map(([what, got, budget]) => `${what.padEnd(44)} ${got.padEnd(24)} ${budget}`).join("\n"));

    expect(load.windowed + load.late + load.rejected + load.shed).toBe(load.received);
    expect([load.shed, load.gaps, load.duplicates]).toEqual([0, 0, 0]);
    expect(head - load.next).toBeLessThan(EVENTS_PER_SECOND);
    expect(ui).toBeLessThan(0.3);
    expect(longTasks).toEqual([]);
    expect(full / filled).toBeLessThan(1.05);
  } finally {
    await relay.kill();
    rmSync(folder, { recursive: true });
  }
});
