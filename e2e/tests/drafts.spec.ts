import type { Page } from "@playwright/test";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

async function change(page: Page): Promise<void> {
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.keyboard.press("e");
  await expect(page.getByTestId("board-bar")).toBeVisible();
}

test("changes that nobody kept survive a reload, are said to, and can be discarded", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&theme=light"));
  await change(page);
  const title = page.getByTestId("panel-title").first();
  await title.fill("Riders");
  await title.press("Enter");
  await expect(page.getByTestId("board-state")).toContainText("remembered here");
  await page.reload();
  await expect(page.getByTestId("restored")).toBeVisible();
  await expect(page.getByTestId("panel").first()).toContainText("Riders");
  await keepScreenshot(page, "restored-light");
  await page.getByTestId("restored-discard").click();
  await expect(page.getByTestId("restored")).toBeHidden();
  await expect(page.getByTestId("panel").first()).not.toContainText("Riders");
  await page.reload();
  await expect(page.getByTestId("panel").first()).toBeVisible();
  await expect(page.getByTestId("restored")).toBeHidden();
});

test("a dashboard from a file is still there after a reload", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi"));
  await change(page);
  const panels = [{ kind: "histogram", stream: "nyc_taxi", measure: "passengers", title: "Spread" }];
  const buffer = Buffer.from(JSON.stringify({ title: "One", panels }));
  await page.getByTestId("import-input").setInputFiles({ name: "a.json", mimeType: "application/json", buffer });
  await expect(page.getByTestId("panel")).toHaveCount(1);
  await page.reload();
  await expect(page.getByTestId("panel")).toHaveCount(1);
  await expect(page.getByTestId("panel")).toContainText("Spread");
  await page.getByTestId("restored-keep").click();
  await expect(page).toHaveURL(/dashboard=one/);
  await page.reload();
  await expect(page.getByTestId("panel")).toContainText("Spread");
  await expect(page.getByTestId("restored")).toBeHidden();
});

test("a tile that becomes a chart gets a chart's room", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi"));
  await change(page);
  const panels = [{ kind: "stat", stream: "nyc_taxi", measure: "passengers", layout: { w: 4, h: 3 } }];
  const buffer = Buffer.from(JSON.stringify({ title: "Tile", panels }));
  await page.getByTestId("import-input").setInputFiles({ name: "a.json", mimeType: "application/json", buffer });
  await page.getByTestId("cell-settings").click();
  await page.getByTestId("settings-kind").selectOption("time_series");
  await expect(page.getByTestId("settings-tried")).toContainText("not applied yet");
  await page.getByTestId("settings-apply").click();
  await expect.poll(async () => (await page.locator("[data-kind=time_series]").boundingBox())?.height ?? 0).toBeGreaterThan(200);
});
