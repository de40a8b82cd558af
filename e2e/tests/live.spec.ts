import { expect, keepScreenshot, stats, test } from "../fixtures";
import { pixelsNear } from "../pixels";

/** The first series' colour in the light theme (frontend/chart/src/theme.rs). */
const BLUE: [number, number, number] = [0, 114, 178];

test("the dashboard opens on the relay's streams and draws their points", async ({ page, relay }) => {
  await page.goto(relay.url);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
  const taxi = page.getByTestId("panel").filter({ hasText: "passengers" }).and(page.locator("[data-kind=time_series]"));
  await taxi.scrollIntoViewIfNeeded();
  await expect.poll(() => pixelsNear(taxi.getByTestId("plot"), BLUE)).toBeGreaterThan(300);
  const { panels, streams } = await stats(page);
  const painted = panels.filter((panel) => panel.kind === "time_series" && panel.painted > 0);
  expect(painted.length).toBeGreaterThan(0);
  for (const panel of painted) expect(panel.points).toBeGreaterThan(10);
  expect(Object.keys(streams)).toEqual(expect.arrayContaining(["nyc_taxi", "machine_temperature", "tweet_volume"]));
});

test("every count adds up while events arrive", async ({ page, relay }) => {
  await page.goto(relay.url);
  const received = async () => (await stats(page)).streams.nyc_taxi?.received ?? 0;
  await expect.poll(received).toBeGreaterThan(5_000);
  const before = await received();
  await expect.poll(received).toBeGreaterThan(before + 5);
  for (const [name, s] of Object.entries((await stats(page)).streams)) {
    expect(s.windowed + s.late + s.rejected + s.shed, name).toBe(s.received);
    expect(s.received, name).toBe(s.next);
    expect([s.gaps, s.duplicates, s.shed], name).toEqual([0, 0, 0]);
  }
});

test("it looks right in light, dark and narrow", async ({ page, relay }) => {
  await page.setViewportSize({ width: 1440, height: 1000 });
  await page.goto(relay.url);
  await expect(page.getByTestId("alert-count")).toHaveText(/\d\d/);
  await expect(page.getByTestId("value").filter({ hasText: "–" })).toHaveCount(0);
  await expect.poll(async () => (await stats(page)).panels.filter((panel) => panel.painted > 3).length).toBeGreaterThan(12);
  await keepScreenshot(page, "dashboard-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await keepScreenshot(page, "dashboard-dark");
  await page.setViewportSize({ width: 360, height: 780 });
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(overflow).toBeLessThanOrEqual(0);
  await keepScreenshot(page, "dashboard-narrow");
});

test("holding keeps the view still and counts what waits", async ({ page, relay }) => {
  await page.goto(relay.url);
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
  await page.getByTestId("hold").click();
  await expect(page.getByText(/waiting/)).toBeVisible();
  await page.getByTestId("hold").click();
  await expect(page.getByText(/waiting/)).toBeHidden();
});
