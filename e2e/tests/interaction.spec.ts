import type { Locator, Page } from "@playwright/test";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

/** A paused recording with two panels of one series each, drawn. */
async function open(page: Page, address: string): Promise<Locator> {
  await page.goto(address);
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByRole("button", { name: "Pause" }).click();
  return page.getByTestId("plot").first();
}

/** Drag over a plot, from and to in parts of its size. */
async function drag(page: Page, plot: Locator, from: [number, number], to: [number, number]): Promise<void> {
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + box.width * from[0], box.y + box.height * from[1]);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to[0], box.y + box.height * to[1], { steps: 4 });
  await page.mouse.up();
}

test("shift and drag zooms the values, a double click resets them", async ({ page, relay }) => {
  const plot = await open(page, relay.at("/?recording=nyc_taxi"));
  await page.keyboard.down("Shift");
  await drag(page, plot, [0.5, 0.2], [0.5, 0.5]);
  await page.keyboard.up("Shift");
  await expect(page.getByTestId("reset-zoom")).toBeVisible();
  await plot.dblclick();
  await expect(page.getByTestId("reset-zoom")).toBeHidden();
});

test("the plain wheel scrolls the page and zooms nothing", async ({ page, relay }) => {
  await page.setViewportSize({ width: 1280, height: 480 });
  const plot = await open(page, relay.at("/?recording=traffic"));
  await plot.hover();
  await page.mouse.wheel(0, 120);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
  await expect(page.getByTestId("reset-zoom")).toBeHidden();
});

test("the crosshair is on every panel that has the moment", async ({ page, relay }) => {
  const plot = await open(page, relay.at("/?recording=traffic"));
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  await expect(page.getByTestId("value").filter({ hasText: "–" })).toHaveCount(0);
  await plot.hover({ position: { x: 300, y: 80 } });
  await expect(page.getByTestId("tooltip")).toHaveCount(1);
  await expect(page.getByTestId("tooltip")).toContainText(/final|provisional/);
  await expect.poll(() => page.getByTestId("crosshair").count()).toBeGreaterThan(1);
});

test("the legend isolates a series, and a modifier toggles it", async ({ page, relay }) => {
  await open(page, relay.at("/?recording=cloud_cpu"));
  const legend = page.locator("[data-grouped=true]").getByRole("list", { name: "Series" }).first();
  const pressed = legend.locator("[aria-pressed=true]");
  await expect.poll(() => legend.getByRole("button").count()).toBeGreaterThan(1);
  const all = await legend.getByRole("button").count();
  await legend.getByRole("button").first().click();
  await expect(pressed).toHaveCount(1);
  await legend.getByRole("button").first().click();
  await expect(pressed).toHaveCount(all);
  await legend.getByRole("button").first().click({ modifiers: ["Control"] });
  await expect(pressed).toHaveCount(all - 1);
});

test("alt and drag ranks what changed, and the ranking can be saved", async ({ page, relay }) => {
  const plot = await open(page, relay.at("/?recording=traffic"));
  await page.keyboard.down("Alt");
  await drag(page, plot, [0.6, 0.5], [0.9, 0.5]);
  await page.keyboard.up("Alt");
  const sheet = page.getByTestId("sheet");
  await expect(sheet.getByTestId("changes").getByRole("listitem").first()).toContainText("→");
  await expect(sheet.getByTestId("changes-summary")).toContainText("changed clearly");
  await keepScreenshot(page, "changes-light");
  const saved = page.waitForEvent("download");
  await sheet.getByTestId("changes-csv").click();
  expect((await saved).suggestedFilename()).toBe("changes.csv");
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(plot).toBeFocused();
});

test("the keyboard chooses an interval, too", async ({ page, relay }) => {
  const plot = await open(page, relay.at("/?recording=nyc_taxi"));
  await plot.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("b");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("sheet")).toContainText("What changed");
  await expect(page.getByTestId("sheet").getByRole("heading", { name: "What changed" })).toBeFocused();
});

test("drag zooms in and keeps following, a double click comes back", async ({ page, relay }) => {
  const plot = await open(page, relay.at("/?recording=nyc_taxi"));
  await drag(page, plot, [0.5, 0.5], [0.8, 0.5]);
  await expect(page.getByTestId("reset-zoom")).toBeVisible();
  await plot.dblclick();
  await expect(page.getByTestId("reset-zoom")).toBeHidden();
});

test("the wheel zooms when a key is held", async ({ page, relay }) => {
  const plot = await open(page, relay.at("/?recording=nyc_taxi"));
  await plot.hover();
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -120);
  await page.keyboard.up("Control");
  await expect(page.getByTestId("reset-zoom")).toBeVisible();
});

test("n and p walk from anomaly to anomaly and say what is there", async ({ page, relay }) => {
  const plot = await open(page, relay.at("/?recording=machine_temperature"));
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  await expect(page.getByTestId("alert").first()).toBeVisible();
  await plot.focus();
  await page.keyboard.press("p");
  await expect(page.getByTestId("announcement")).toContainText("Anomaly");
  await expect(page.getByTestId("tooltip").locator(".tooltip-reason").first()).toBeVisible();
});
