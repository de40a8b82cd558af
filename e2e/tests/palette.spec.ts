import AxeBuilder from "@axe-core/playwright";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

test.beforeEach(async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&theme=light"));
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
});

test("the palette finds a range by its words and shows it", async ({ page }) => {
  await page.keyboard.press("Control+k");
  await expect(page.getByTestId("palette-input")).toBeFocused();
  await page.keyboard.type("range 14");
  await expect(page.getByTestId("palette-entry")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("palette")).toBeHidden();
  await expect(page.getByTestId("time")).toContainText("Last 14 days");
});

test("a shared link shows the same range, relative or locked", async ({ page }) => {
  await page.keyboard.press("s");
  const link = page.getByTestId("share-link");
  await expect(link).toHaveValue(/recording=nyc_taxi/);
  await page.getByTestId("share-locked").check();
  await expect(link).toHaveValue(/from=2014-.*&to=2014-/);
  await expect(page.getByTestId("share-embed")).toHaveValue(/<iframe src=.*kiosk=1/);
});

test("kiosk leaves the dashboard alone, and the key brings the rest back", async ({ page }) => {
  await page.keyboard.press("k");
  await expect(page.getByTestId("time")).toBeHidden();
  await expect(page).toHaveURL(/kiosk=1/);
  await page.keyboard.press("k");
  await expect(page.getByTestId("time")).toBeVisible();
});

for (const [name, key] of [
  ["palette", "Control+k"],
  ["help", "?"],
  ["share", "s"],
] as const) {
  test(`axe finds nothing on the dialog ${name}, and Escape closes it`, async ({ page }) => {
    await page.keyboard.press(key);
    const dialog = page.getByTestId(name);
    await expect(dialog).toBeVisible();
    await keepScreenshot(page, `dialog-${name}`);
    const { violations } = await new AxeBuilder({ page }).include(`[data-testid=${name}]`).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" ")}`)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
  });
}
