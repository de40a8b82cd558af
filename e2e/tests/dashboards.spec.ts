import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { importText } from "../board";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

/** A recording whose dashboard is being changed. */
async function change(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.keyboard.press("e");
  await expect(page.getByTestId("board-bar")).toBeVisible();
}

test("an edit is kept in the browser, and the address leads to it again", async ({ page, relay }) => {
  await change(page, relay.at("/?recording=nyc_taxi"));
  await page.getByTestId("board-title").fill("My taxis");
  await page.getByTestId("board-title").press("Enter");
  const titles = page.getByTestId("panel-title");
  await titles.first().fill("Now");
  await titles.first().press("Enter");
  await page.getByTestId("keep").click();
  await expect(page).toHaveURL(/dashboard=my-taxis/);
  await page.reload();
  await expect(page.getByTestId("panel").first()).toContainText("Now");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("my taxis");
  await expect(page.getByTestId("palette-entry")).toContainText("dashboard");
});

test("panels are added, copied, moved by pointer and by keyboard, and all of it is undone", async ({ page, relay }) => {
  await change(page, relay.at("/?recording=nyc_taxi&theme=light"));
  const panels = page.getByTestId("panel");
  await expect(panels).toHaveCount(3);
  await page.getByTestId("add").click();
  await page.getByTestId("add-kind").selectOption("histogram");
  await page.getByTestId("add-now").click();
  await expect(page.locator("[data-kind=histogram]")).toBeVisible();
  await page.getByTestId("duplicate").first().click();
  await expect(panels).toHaveCount(5);
  await keepScreenshot(page, "board-edit-light");
  const box = (await page.locator("[data-kind=time_series]").boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 200, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await page.locator("[data-kind=time_series]").boundingBox())!.x).toBeGreaterThan(box.x + 100);
  const move = page.getByTestId("move").first();
  await move.focus();
  await move.press("Shift+ArrowLeft");
  await expect(page.getByTestId("announcement")).toContainText("23 columns wide");
  await expect(page.getByTestId("move").first()).toBeFocused();
  for (let steps = 0; steps < 4; steps++) await page.getByTestId("undo").click();
  await expect(panels).toHaveCount(3);
  await expect(page.getByTestId("board-state")).toBeEmpty();
});

test("a dashboard goes out as a file and comes back the same", async ({ page, relay }) => {
  await change(page, relay.at("/?recording=nyc_taxi"));
  const waits = page.waitForEvent("download");
  await page.getByTestId("export").click();
  const download = await waits;
  expect(download.suggestedFilename()).toBe("all-streams.json");
  const text = readFileSync((await download.path())!, "utf8");
  expect(JSON.parse(text).panels.map((panel: { kind: string }) => panel.kind)).toEqual(["stat", "time_series", "alerts"]);
  await importText(page, text);
  await expect(page.getByTestId("panel")).toHaveCount(3);
  await expect(page.getByTestId("problem")).toHaveCount(0);
});

test("a broken file names the field, and the rest of it is shown", async ({ page, relay }) => {
  await change(page, relay.at("/?recording=nyc_taxi"));
  await importText(page, '{"panels": 5}');
  await expect(page.getByTestId("problem")).toContainText("panels: expected a list, got 5");
  await expect(page.getByTestId("panel")).toHaveCount(3);
  const panels = [
    { kind: "top", stream: "nyc_taxi", measure: "passengers", layout: { w: "wide" } },
    { kind: "hologram" },
    { kind: "stat", stream: "gone", measure: "x", layout: { y: 9 } },
  ];
  await importText(page, JSON.stringify({ title: "Odd", panels }));
  await expect(page.getByTestId("problem").last()).toContainText('panels[0].layout.w: expected a whole number, got "wide"');
  await expect(page.locator("[data-kind=top]")).toBeVisible();
  await expect(page.locator("[data-kind=missing]")).toContainText(["hologram", "There is no stream"]);
});

test("every kind of panel stands on a board, at any width, and axe finds nothing", async ({ page, relay }) => {
  await change(page, relay.at("/?recording=nyc_taxi&theme=dark"));
  const of = (kind: string, x: number, y: number) => ({ kind, stream: "nyc_taxi", measure: "passengers", layout: { x, y, w: 8, h: 6 } });
  const plots = ["histogram", "heatmap", "gauge", "top", "scatter", "state_timeline", "swimlanes", "time_series"];
  const panels = [...plots, "table", "event_log"].map((kind, at) => of(kind, (at % 3) * 8, Math.floor(at / 3) * 6));
  await importText(page, JSON.stringify({ title: "All kinds", panels }));
  await page.keyboard.press("Escape");
  await page.getByTestId("done").click();
  await expect(page.getByTestId("rows-row").first()).toBeVisible();
  await expect.poll(async () => (await stats(page)).panels.filter((panel) => panel.painted > 0).length).toBeGreaterThan(5);
  await keepScreenshot(page, "board-kinds-dark");
  const { violations } = await new AxeBuilder({ page }).include("[data-testid=board]").analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" ")}`)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const edges = await page.getByTestId("panel").evaluateAll((all) => all.map((panel) => panel.getBoundingClientRect().left));
  expect(new Set(edges).size).toBe(1);
  await keepScreenshot(page, "board-kinds-360");
});

/** A relay that keeps dashboards. */
function keepingConfig(): string {
  const folder = mkdtempSync(join(tmpdir(), "spate-boards-"));
  const config = join(folder, "relay.toml");
  writeFileSync(config, `[dashboards]\nfolder = "${folder}"\nwritable = true\n`);
  return config;
}

test.describe("a relay that keeps dashboards", () => {
  test.use({ relayOptions: async ({}, use) => use({ config: keepingConfig() }), expectedConsole: [/412/] });

  test("shows that somebody else saved another version, and overwrites nothing until told to", async ({ page, relay, request }) => {
    const saved = relay.at("/api/v1/dashboards/all-streams");
    await change(page, relay.at("/?recording=nyc_taxi"));
    await page.getByTestId("keep-relay").click();
    await expect(page).toHaveURL(/dashboard=all-streams/);
    const first = await request.get(saved);
    const theirs = { ...(await first.json()), panels: [{ kind: "stat", stream: "nyc_taxi", measure: "passengers", title: "Theirs" }] };
    const replaced = await request.put(saved, { data: theirs, headers: { "if-match": first.headers().etag! } });
    expect(replaced.status()).toBe(200);
    await page.getByTestId("panel-title").first().fill("Mine");
    await page.getByTestId("panel-title").first().press("Enter");
    await page.getByTestId("keep-relay").click();
    await expect(page.getByTestId("conflict")).toContainText("Someone else saved");
    await keepScreenshot(page, "board-conflict");
    expect(await (await request.get(saved)).text()).toContain("Theirs");
    await page.getByTestId("keep-mine").click();
    await expect(page.getByTestId("conflict")).toBeHidden();
    await expect.poll(async () => (await request.get(saved)).text()).toContain("Mine");
    await page.goto(relay.at("/?recording=nyc_taxi&dashboard=all-streams"));
    await expect(page.getByTestId("panel").first()).toContainText("Mine");
  });
});
