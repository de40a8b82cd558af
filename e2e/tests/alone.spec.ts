import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

test.beforeEach(async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=traffic&theme=light"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
});

test("a panel is shown alone from the palette, by a key and by an address, and Escape leaves", async ({ page }) => {
  const panels = page.getByTestId("panel");
  const visible = () => panels.evaluateAll((all) => all.filter((panel) => panel.getBoundingClientRect().height > 0).length);
  const all = await visible();
  expect(all).toBeGreaterThan(2);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("only panel alone");
  await page.getByTestId("palette-entry").nth(3).click();
  await expect.poll(visible).toBe(1);
  await expect(page).toHaveURL(/viewPanel=\d+/);
  await keepScreenshot(page, "alone-light");
  await page.reload();
  await expect.poll(visible).toBe(1);
  await expect(page.getByTestId("show-all")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect.poll(visible).toBe(all);
  await expect(page).not.toHaveURL(/viewPanel/);
  await page.getByTestId("plot").first().focus();
  await page.keyboard.press("v");
  await expect.poll(visible).toBe(1);
  await page.goBack();
  await expect.poll(visible).toBe(all);
});

test("a panel that is not there is said, and all are shown", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&viewPanel=99"));
  await expect(page.getByText("There is no such panel here")).toBeVisible();
  await expect(page.getByTestId("plot").first()).toBeVisible();
  await page.goto(relay.at("/?recording=nyc_taxi&viewPanel=first"));
  await expect(page.getByTestId("problem")).toContainText("viewPanel");
});

test("the palette leads to a stream", async ({ page }) => {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("stream measure");
  const entry = page.getByTestId("palette-entry").first();
  const name = (await entry.locator(".palette-title").textContent())!;
  await entry.click();
  await expect(page.locator("[data-testid=panel]:focus")).toContainText(name);
});
