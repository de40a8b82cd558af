import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

test.beforeEach(async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&theme=light"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
});

test("paper has the panels, and nothing that only a screen can use", async ({ page }) => {
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("header.header")).toBeHidden();
  await expect(page.getByTestId("playback")).toBeHidden();
  await expect(page.getByTestId("panel").first()).toBeVisible();
  await expect(page.getByTestId("open-table").first()).toBeHidden();
  await keepScreenshot(page, "print-light");
});

test("whoever wants less motion gets none", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog")).toBeVisible();
  const longest = await page.evaluate(() => Math.max(0, ...document.getAnimations().map((one) => Number(one.effect!.getComputedTiming().duration))));
  expect(longest).toBeLessThanOrEqual(1);
});

test("at 200 % zoom everything is there and nothing is cut", async ({ page }) => {
  // A window of 1280 pixels at 200 % is 640 CSS pixels wide.
  await page.setViewportSize({ width: 640, height: 450 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(640);
  for (const name of ["open", "time", "follow", "play"]) await expect(page.getByTestId(name)).toBeVisible();
  await page.getByTestId("open").click();
  const menu = (await page.locator("#open-menu").boundingBox())!;
  expect(menu.x >= 0 && menu.x + menu.width <= 640).toBe(true);
  await keepScreenshot(page, "zoom-200-light");
});
