import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { showPanels } from "../board";
import { expect, keepScreenshot, stats, test } from "../fixtures";
import { publish } from "../producer";
import { Proxy } from "../proxy";

test.use({ relayOptions: {}, expectedConsole: [/status of 404|WebSocket connection to .* failed|ERR_/] });

/** The address of a fixed range, in seconds of the made-up events. */
const range = (from: number, to: number) => `/?theme=light&from=${Date.UTC(2024, 0, 1) + from * 1000}&to=${Date.UTC(2024, 0, 1) + to * 1000}`;

async function isClean(page: Page): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
}

test("no data: a range without events leads to where they are", async ({ page, relay }) => {
  await publish(relay, "load", 0, 600);
  await page.goto(relay.at(range(-9000, -8000)));
  const plot = page.locator("[data-kind=time_series]");
  await expect(plot.getByTestId("state-no-data")).toContainText("Events are held from 1 Jan 2024");
  await keepScreenshot(page, "state-no-data-light");
  await isClean(page);
  await plot.getByTestId("way-held").click();
  await expect(plot.getByTestId("state-no-data")).toBeHidden();
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.kind === "time_series" && panel.points > 100)).toBe(true);
});

test("warming up: a chip says how many events are to go, and leads to the detector", async ({ page, relay }) => {
  await publish(relay, "load", 0, 30);
  await page.goto(relay.at("/?theme=light"));
  const chip = page.locator("[data-kind=time_series]").getByTestId("panel-status");
  await expect(chip).toContainText("to go");
  await chip.click();
  await expect(page.getByTestId("state-warming-up")).toContainText("to go until scores begin");
  await keepScreenshot(page, "state-warming-up-light");
  await page.getByTestId("way-detector").click();
  await expect(page.getByTestId("sheet")).toBeVisible();
});

test("stale: a chip says how long nothing has come, and leads to the values", async ({ page, relay }) => {
  await publish(relay, "load", 0, 200);
  await page.goto(relay.at("/?theme=light"));
  const chip = page.locator("[data-kind=time_series]").getByTestId("panel-status");
  await expect(chip).toContainText(/No data for [\d.]+ s/);
  await chip.click();
  await expect(page.getByTestId("state-stale")).toContainText("Is what sends it still running?");
  await keepScreenshot(page, "state-stale-light");
  await isClean(page);
  await page.getByTestId("way-table").click();
  await expect(page.getByTestId("table-row").first()).toContainText("2024");
});

test("the relay is away: it is said over the dashboard, and one click tries again", async ({ page, relay }) => {
  const proxy = await Proxy.start(relay.port);
  await publish(relay, "load", 0, 200);
  await page.goto(`${proxy.url}/?theme=light`);
  await expect.poll(async () => (await stats(page)).streams.load?.received).toBe(200);
  proxy.cut();
  const away = page.getByTestId("absence");
  await expect(away).toContainText("Next attempt");
  await keepScreenshot(page, "state-away-light");
  await away.getByTestId("way-reconnect").click();
  proxy.heal();
  await expect(away).toBeHidden();
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
  proxy.stop();
});

test("the badge tells the whole story of the source", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&theme=light"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByTestId("connection").click();
  await expect(page.getByTestId("state-recording")).toContainText("no relay needed");
  await keepScreenshot(page, "state-badge-light");
  await isClean(page);
  await page.getByTestId("way-relay").click();
  await expect(page.getByTestId("empty").first()).toBeVisible();
});

test("over budget: what is left out is named, with a way out", async ({ page, relay }) => {
  const lines = Array.from({ length: 460 }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 1) + Math.floor(i / 230) * 1000).toISOString();
    return JSON.stringify({ time, host: `host-${String(i % 230).padStart(3, "0")}`, load: i });
  });
  const headers = { "content-type": "application/x-ndjson" };
  await fetch(relay.at("/api/v1/streams/hosts/events"), { method: "POST", headers, body: lines.join("\n") });
  await page.goto(relay.at("/?theme=light"));
  const panel = page.locator("[data-kind=time_series]");
  await expect(panel.getByTestId("panel-notes")).toContainText("30 series not shown");
  await keepScreenshot(page, "state-over-budget-light");
});

test("error: a query that cannot be answered says where it is wrong and leads to its settings", async ({ page, relay }) => {
  await publish(relay, "load", 0, 200);
  await page.goto(relay.at("/?theme=light"));
  await expect(page.getByTestId("panel").first()).toBeVisible();
  const query = { window: "tumbling 1m", agg: ["mean(nothing)"] };
  await showPanels(page, [
    { kind: "time_series", stream: "load", measure: "load", query },
    { kind: "hologram", stream: "load" },
    { kind: "top", stream: "gone", measure: "load" },
  ]);
  const failed = page.locator("[data-kind=time_series]").getByTestId("state-failed");
  await expect(failed).toContainText("nothing");
  await expect(page.getByTestId("state-missing")).toHaveCount(2);
  await keepScreenshot(page, "state-error-light");
  await isClean(page);
  await failed.getByTestId("way-settings").click();
  await expect(page.getByTestId("settings-aggregates")).toHaveValue("mean(nothing)");
  await page.keyboard.press("Escape");
  await page.getByTestId("state-missing").first().getByTestId("way-settings").click();
  await expect(page.getByTestId("settings-kind")).toBeVisible();
});

test("out of sight: what waits there does not move, and is drawn when the page is scrolled to it", async ({ page, relay }) => {
  await publish(relay, "load", 0, 200);
  await page.goto(relay.at("/?theme=light"));
  await expect(page.getByTestId("panel").first()).toBeVisible();
  await showPanels(page, Array.from({ length: 15 }, () => ({ kind: "time_series", stream: "load", measure: "load" })));
  const last = page.getByTestId("panel").last();
  await expect.poll(async () => (await stats(page)).panels.filter((panel) => panel.painted > 0).length).toBeGreaterThan(2);
  await expect(last.locator(".shimmer")).toBeAttached();
  const moving = () => page.evaluate(() => document.getAnimations().filter(({ effect }) => (effect as KeyframeEffect).target?.closest(".waiting")).length);
  await expect.poll(moving).toBe(0);
  await last.scrollIntoViewIfNeeded();
  await expect(last.locator(".shimmer")).toHaveCount(0);
});

test("connecting: what takes long says what it is and offers a file", async ({ page, relay }) => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  await page.goto(relay.at(`/?theme=light&relay=ws://127.0.0.1:${port}/api/v1/ws`));
  await expect(page.getByTestId("loading-note")).toContainText("Opening");
  await keepScreenshot(page, "state-connecting-light");
  await isClean(page);
  silent.close();
});

test.describe("a declared stream without an event", () => {
  const config = join(mkdtempSync(join(tmpdir(), "spate-declared-")), "relay.toml");
  writeFileSync(config, '[[stream]]\nname = "quiet"\ntime = "time"\nfields = [{ name = "value", type = "f64" }]\n');
  test.use({ relayOptions: { config } });

  test("waiting: a panel says that nothing has come and leads to its settings", async ({ page, relay }) => {
    await page.goto(relay.at("/?theme=light"));
    const waiting = page.locator("[data-kind=time_series]").getByTestId("state-waiting");
    await expect(waiting).toContainText("Nothing of its stream has come yet");
    await keepScreenshot(page, "state-waiting-light");
    await isClean(page);
    await waiting.getByTestId("way-settings").click();
    await expect(page.getByTestId("settings-kind")).toBeVisible();
  });
});

test.describe("a line that takes less than is published", () => {
  const config = join(mkdtempSync(join(tmpdir(), "spate-narrow-")), "relay.toml");
  writeFileSync(config, '[limits]\nclient_bytes_per_second = "16 KiB"\n');
  test.use({ relayOptions: { config } });

  test("behind: the badge says by how much, and one click goes to the latest events", async ({ page, relay }) => {
    await publish(relay, "load", 0, 10);
    await page.goto(relay.at("/?theme=light"));
    await expect.poll(async () => (await stats(page)).streams.load?.received).toBe(10);
    await publish(relay, "load", 10, 40_000);
    const badge = page.getByTestId("connection");
    await expect(badge).toHaveAttribute("data-state", "behind");
    await badge.click();
    await expect(page.getByTestId("state-behind")).toContainText("that this page has not taken yet");
    await keepScreenshot(page, "state-behind-light");
    await isClean(page);
    await page.getByTestId("way-skip").click();
    await expect(badge).toHaveAttribute("data-state", "live");
    await publish(relay, "load", 40_000, 40_010);
    await expect.poll(async () => (await stats(page)).streams.load!.next).toBe(40_010);
    const { received, gaps } = (await stats(page)).streams.load!;
    expect(received, "what was passed over is not there").toBeLessThan(40_000);
    expect(gaps, "and is a gap").toBe(1);
  });
});
