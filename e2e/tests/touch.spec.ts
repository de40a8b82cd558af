import type { Page } from "@playwright/test";
import { expect, stats, test } from "../fixtures";

test.use({ relayOptions: {}, hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

/** What fingers do on the chart: their places in parts of its width. */
type Fingers = (type: "touchStart" | "touchMove" | "touchEnd", at: number[]) => Promise<void>;

async function fingersOf(page: Page): Promise<Fingers> {
  const box = (await page.getByTestId("plot").first().boundingBox())!;
  const session = await page.context().newCDPSession(page);
  return async (type, at) => {
    const touchPoints = at.map((part, id) => ({ x: box.x + box.width * part, y: box.y + box.height / 2, id }));
    await session.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
}

test.beforeEach(async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByTestId("plot").first().scrollIntoViewIfNeeded();
});

test("two fingers that part zoom in", async ({ page }) => {
  const fingers = await fingersOf(page);
  await fingers("touchStart", [0.4, 0.6]);
  for (const spread of [0.2, 0.3, 0.35]) await fingers("touchMove", [0.5 - spread, 0.5 + spread]);
  await fingers("touchEnd", []);
  await expect(page).toHaveURL(/from=now/);
  await page.locator("[data-kind=time_series]").getByTestId("panel-more").tap();
  await expect(page.getByTestId("reset-zoom")).toBeVisible();
});

test("a finger on a chart reads its values", async ({ page }) => {
  const fingers = await fingersOf(page);
  await fingers("touchStart", [0.5]);
  await expect(page.getByTestId("tooltip")).toContainText("2014");
  await fingers("touchMove", [0.6]);
  await expect(page.getByTestId("tooltip")).toContainText(/\d/);
  await fingers("touchEnd", []);
});

test("a mouse that leaves a chart takes nothing from a finger on it", async ({ page }) => {
  const box = (await page.getByTestId("plot").first().boundingBox())!;
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
  const fingers = await fingersOf(page);
  await fingers("touchStart", [0.5]);
  await fingers("touchMove", [0.6]);
  await page.mouse.move(box.x + box.width / 4, 4);
  // What the mouse did has arrived once the worker answered.
  await stats(page);
  await expect(page.getByTestId("tooltip")).toContainText("2014");
  await fingers("touchEnd", []);
});
