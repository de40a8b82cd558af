import type { Page } from "@playwright/test";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

/** A recording, drawn and standing still. */
async function paused(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByRole("button", { name: "Pause" }).click();
}

test("a preset is shown, stands in the address, and back undoes it", async ({ page, relay }) => {
  await paused(page, relay.at("/?recording=nyc_taxi"));
  await page.getByTestId("time").click();
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await expect(page.getByTestId("time")).toContainText("Last 7 days");
  await expect(page).toHaveURL(/from=now-7d&to=now/);
  await page.goBack();
  await expect(page.getByTestId("time")).toContainText("Auto");
});

test("a typed range is fixed, and a mistake is named at its field", async ({ page, relay }) => {
  await paused(page, relay.at("/?recording=nyc_taxi"));
  await page.getByTestId("time").click();
  await page.getByTestId("time-from").fill("now-6x");
  await page.getByTestId("time-apply").click();
  await expect(page.getByTestId("time-menu").getByRole("alert").first()).toContainText('"now-6"');
  await keepScreenshot(page, "time-picker");
  await page.getByTestId("time-from").fill("2014-07-05 00:00");
  await page.getByTestId("time-to").fill("2014-07-06 00:00");
  await page.getByTestId("time-apply").click();
  await expect(page.getByTestId("fixed")).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByTestId("time")).toContainText("5 Jul 2014");
});

test("a zone moves the clock that values are read by, and a wrong one is refused", async ({ page, relay }) => {
  await paused(page, relay.at("/?recording=nyc_taxi&tz=Asia/Kolkata"));
  await expect(page.getByTestId("time")).toContainText("Asia/Kolkata");
  await page.getByTestId("plot").first().hover();
  await expect(page.getByTestId("tooltip")).toContainText("Asia/Kolkata");
  await page.getByTestId("time").click();
  await page.getByTestId("zone").fill("Mars/Olympus");
  await page.getByTestId("zone").press("Enter");
  await expect(page.getByTestId("time-menu")).toContainText("Mars/Olympus");
  await expect(page.getByTestId("time")).toContainText("Asia/Kolkata");
});

test("a bad range in the address is reported and the rest is applied", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=nyc_taxi&from=soon&tz=Nowhere&theme=dark"));
  await expect(page.getByTestId("problem").filter({ hasText: "from" })).toContainText("soon");
  await expect(page.getByTestId("problem").filter({ hasText: "tz" })).toContainText("Nowhere");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("zooming by key changes the width and keeps following", async ({ page, relay }) => {
  await paused(page, relay.at("/?recording=nyc_taxi"));
  await page.getByTestId("plot").first().focus();
  await page.keyboard.press("+");
  await expect(page).toHaveURL(/from=now-\w+&to=now/);
  await expect(page.getByTestId("follow")).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("PageUp");
  await expect(page.getByTestId("mode-note")).toContainText("back");
  await page.getByTestId("follow").click();
  await expect(page.getByTestId("mode-note")).toBeEmpty();
});
