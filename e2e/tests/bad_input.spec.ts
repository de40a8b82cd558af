import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importText } from "../board";
import { expect, keepScreenshot, ROOT, stats, test } from "../fixtures";

test.use({ relayOptions: {}, expectedConsole: [/status of 404/] });

test("labels are text whatever they contain, and read in their own direction", async ({ page, relay }) => {
  const labels = ["<img src=x onerror=alert(1)>", "مستشعر الضغط", "🚲 Rad 🚲", "a\"b'c`d"];
  const lines = Array.from({ length: 400 }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 1) + i * 1000).toISOString();
    return JSON.stringify({ time, label: labels[i % 4], "<b>speed</b>": i % 17 });
  });
  const headers = { "content-type": "application/x-ndjson" };
  await fetch(relay.at("/api/v1/streams/labels/events"), { method: "POST", headers, body: lines.join("\n") });
  await page.goto(relay.at("/?theme=light"));
  const panel = page.locator("[data-kind=time_series]");
  for (const label of labels) await expect(panel.getByRole("list", { name: "Series" })).toContainText(label);
  await expect(panel.getByRole("heading")).toContainText("<b>speed</b>");
  expect(await page.locator("img").count()).toBe(0);
  await panel.getByTestId("open-table").click();
  await expect(page.getByTestId("table")).toContainText("مستشعر");
  await keepScreenshot(page, "labels-light");
});

test("a recording that ends in the middle of a frame plays up to there, and says what is missing", async ({ page, relay }) => {
  const whole = readFileSync(join(ROOT, "recordings/nyc_taxi.spate"));
  await page.goto(relay.url);
  const torn = { name: "torn.spate", mimeType: "application/octet-stream", buffer: whole.subarray(0, whole.length * 0.6) };
  await page.getByTestId("file-input").first().setInputFiles(torn);
  await expect(page.getByTestId("problem")).toContainText("torn.spate could not be read in full");
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  await expect.poll(async () => (await stats(page)).streams.nyc_taxi?.received ?? 0).toBeGreaterThan(1_000);
});

test("a dashboard of a newer version shows what is known, says so, and keeps the rest", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&theme=light"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.keyboard.press("e");
  const panel = { kind: "stat", stream: "nyc_taxi", measure: "passengers", hover: "new" };
  await importText(page, JSON.stringify({ version: 99, title: "Newer", glow: true, panels: [panel, { kind: "hologram" }] }));
  await expect(page.getByTestId("problem")).toContainText("newer Spate");
  await expect(page.getByTestId("panel")).toHaveCount(2);
  const waits = page.waitForEvent("download");
  await page.getByTestId("export").click();
  const text = readFileSync((await (await waits).path())!, "utf8");
  expect(JSON.parse(text)).toMatchObject({ version: 99, glow: true, panels: [{ hover: "new" }, { kind: "hologram" }] });
});

test("ten thousand series are counted and bounded, and the page stays quick", async ({ page, relay }) => {
  const lines = Array.from({ length: 20_000 }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 1) + Math.floor(i / 10_000) * 1000).toISOString();
    return JSON.stringify({ time, host: `host-${i % 10_000}`, load: i % 97 });
  });
  const headers = { "content-type": "application/x-ndjson" };
  for (let at = 0; at < lines.length; at += 4_000) {
    const body = lines.slice(at, at + 4_000).join("\n");
    await fetch(relay.at("/api/v1/streams/hosts/events"), { method: "POST", headers, body });
  }
  await page.goto(relay.at("/?theme=light"));
  const panel = page.locator("[data-kind=time_series]");
  await expect(panel.getByTestId("panel-notes")).toContainText(/series not shown|too many groups/);
  await expect(panel.getByTestId("panel-status")).toBeVisible();
  await panel.getByTestId("panel-status").click();
  await expect(page.locator(".status-menu:popover-open")).toContainText(/series not shown|too many groups/);
  await keepScreenshot(page, "series-10000-light");
});
