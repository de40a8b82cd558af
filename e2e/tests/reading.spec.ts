import { expect, stats, test } from "../fixtures";
import { pixelsNear } from "../pixels";

test.use({ relayOptions: {} });

test("the keyboard reads exact values off a chart", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&theme=light"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByRole("button", { name: "Pause" }).click();
  const plot = page.getByTestId("plot").first();
  await plot.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  const tooltip = page.getByTestId("tooltip");
  await expect(tooltip).toContainText("2014");
  await expect(tooltip).toContainText(/\d/);
  await expect(page.getByTestId("announcement")).toContainText(/\d/);
  await page.keyboard.press("Escape");
  await expect(tooltip).toBeHidden();
});

test("the pointer shows the values under it", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByTestId("plot").first().hover();
  await expect(page.getByTestId("tooltip")).toContainText("2014");
});

test("a browser without OffscreenCanvas draws on the page", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&canvas=main&theme=light"));
  await expect.poll(() => pixelsNear(page.getByTestId("plot").first(), [0, 114, 178])).toBeGreaterThan(300);
});

test("every control can be reached by keyboard with a visible focus", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi"));
  await expect(page.getByTestId("playback")).toBeVisible();
  const reached = new Set<string>();
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const focused = document.activeElement as HTMLElement;
      const style = getComputedStyle(focused);
      if (focused === document.body) return { id: "", ring: true };
      const ring = style.outlineStyle !== "none" || style.boxShadow !== "none";
      return { id: focused.dataset.testid ?? focused.getAttribute("aria-label") ?? focused.textContent ?? "", ring };
    });
    if (seen.id) {
      expect(seen.ring, `focus is visible on ${seen.id}`).toBe(true);
      reached.add(seen.id.trim());
    }
  }
  expect([...reached]).toEqual(expect.arrayContaining(["open", "hold", "plot"]));
});
