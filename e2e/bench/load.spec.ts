import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, Relay, ROOT, stats, test } from "../fixtures";

const EVENTS_PER_SECOND = 50_000;
const SERIES = 20;
const LAP_SECONDS = 10;
const SECONDS = 60;
/** Seconds in which retention fills; memory is flat from then on. */
const FILL_SECONDS = 35;

/** A recording of one lap: `SERIES` keys in turn, evenly spaced. */
function lap(folder: string): string {
  const rows = ["time,key,value"];
  const step = 1_000_000 / EVENTS_PER_SECOND;
  for (let i = 0; i < EVENTS_PER_SECOND * LAP_SECONDS; i++) {
    const micros = Math.round(i * step);
    const value = Math.sin(i / 20_000) * 40 + ((i * 7919) % 101) / 10;
    rows.push(`${1_700_000_000_000_000 + micros},k${i % SERIES},${value.toFixed(2)}`);
  }
  const csv = join(folder, "load.csv");
  writeFileSync(csv, rows.join("\n"));
  const cli = process.env.SPATE_CLI_BIN ?? join(ROOT, "target/release/spate");
  const out = join(folder, "load.spate");
  execFileSync(cli, ["import", csv, "-o", out, "--stream", "load"]);
  return out;
}

/** Resident bytes of a process. */
function rss(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

test(`${EVENTS_PER_SECOND} events/s into one tab with ${SERIES} series for ${SECONDS} s`, async ({ browser, page }) => {
  const folder = mkdtempSync(join(tmpdir(), "spate-load-"));
  const config = join(folder, "relay.toml");
  writeFileSync(config, `[[source]]\nkind = "replay"\npath = "${lap(folder)}"\nspeed = 1\nloop = true\ntimes = "now"\n`);
  const relay = await Relay.start({ config });
  try {
    const system = await browser.newBrowserCDPSession();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const busy = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")!.value;
    };
    const renderers = async () =>
      (await system.send("SystemInfo.getProcessInfo")).processInfo.filter(({ type }) => type === "renderer");
    const memory = async () => Math.max(...(await renderers()).map(({ id }) => rss(id)));
    const cpu = async () => Math.max(...(await renderers()).map(({ cpuTime }) => cpuTime));

    await page.goto(relay.url);
    await page.evaluate(() => {
      const tasks: number[] = ((window as unknown as { longTasks: number[] }).longTasks = []);
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => tasks.push(entry.duration))).observe({
        type: "longtask",
      });
    });
    await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
    await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks.splice(0));

    const [started, busyBefore, cpuBefore, before] = [performance.now(), await busy(), await cpu(), await stats(page)];
    await new Promise((resolve) => setTimeout(resolve, FILL_SECONDS * 1_000));
    const filled = await memory();
    await new Promise((resolve) => setTimeout(resolve, (SECONDS - FILL_SECONDS) * 1_000));
    const [busyAfter, cpuAfter, after, full] = [await busy(), await cpu(), await stats(page), await memory()];
    const seconds = (performance.now() - started) / 1_000;
    const head = (await (await fetch(relay.at("/api/v1/streams"))).json()).streams[0].head;

    const load = after.streams.load!;
    const painted = (all: typeof after) => all.panels.reduce((sum, panel) => sum + panel.painted, 0);
    const chart = after.panels.find((panel) => panel.kind === "time_series")!;
    const longTasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
    const ui = (busyAfter - busyBefore) / seconds;
    const rows: [string, string, string][] = [
      ["events/s received", ((load.received - before.streams.load!.received) / seconds).toFixed(0), `${EVENTS_PER_SECOND}`],
      ["events shed, lost, doubled", `${load.shed}, ${load.gaps}, ${load.duplicates}`, "0, 0, 0"],
      ["events behind the relay's head at the end", `${head - load.next}`, "< 50000"],
      ["UI thread busy", `${(100 * ui).toFixed(1)} %`, "< 30 %"],
      ["renderer CPU", `${((100 * (cpuAfter - cpuBefore)) / seconds).toFixed(0)} % of a core`, ""],
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

function mib(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(0);
}
