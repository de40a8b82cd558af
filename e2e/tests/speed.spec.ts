import AxeBuilder from "@axe-core/playwright";
import { expect, keepScreenshot, test } from "../fixtures";

test("Ctrl+Shift+P shows how long events take to pixels, and hides it again", async ({ page, relay }) => {
  await page.goto(relay.at("/?theme=dark"));
  await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
  await page.keyboard.press("Control+Shift+P");
  const overlay = page.getByTestId("budget");
  await expect(overlay.getByTestId("budget-row").first()).toContainText(/\d ms \/ .*\d ms/);
  await expect(overlay.getByTestId("budget-skew")).toContainText("clock");
  await keepScreenshot(page, "speed-dark");
  expect((await new AxeBuilder({ page }).include("[data-testid=budget]").analyze()).violations).toEqual([]);
  await page.keyboard.press("Control+Shift+P");
  await expect(overlay).toBeHidden();
});
