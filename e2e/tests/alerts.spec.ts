import AxeBuilder from "@axe-core/playwright";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

/** A recording played to its end, with its anomalies listed. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  await expect(page.getByTestId("alert").first()).toBeVisible();
}

test("an alert leads to its moment on the chart of its series", async ({ page, relay }) => {
  await open(page, relay.at("/?recording=machine_temperature"));
  await page.getByTestId("alert-show").last().click();
  await expect(page).toHaveURL(/from=\d+/);
  await expect(page.getByTestId("plot").first()).toBeFocused();
  await expect(page.getByTestId("tooltip").first()).toBeVisible();
  await expect(page.getByTestId("reset-zoom").first()).toBeVisible();
});

test("a decision record is shown and comes out the same when it is made once more", async ({ page, relay }) => {
  await open(page, relay.at("/?recording=machine_temperature"));
  await page.getByTestId("alert-record").first().click();
  const dialog = page.getByTestId("decision");
  await expect(dialog.getByTestId("record")).toContainText("parameter hash");
  await dialog.getByTestId("recompute").click();
  await expect(dialog.getByTestId("recomputed")).toHaveAttribute("data-verdict", "same");
  await keepScreenshot(page, "decision-light");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("labels last, are taken back and saved as JSON", async ({ page, relay }) => {
  const address = relay.at("/?recording=machine_temperature");
  await open(page, address);
  const when = await page.getByTestId("alert").first().locator("time").getAttribute("datetime");
  const row = page.getByTestId("alert").filter({ has: page.locator(`time[datetime="${when}"]`) });
  const label = row.getByTestId("alert-label");
  await label.selectOption("maintenance");
  await label.selectOption("real");
  await page.getByTestId("label-undo").click();
  await expect(label).toHaveValue("maintenance");
  await keepScreenshot(page, "alerts-light");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await open(page, address);
  await expect(label).toHaveValue("maintenance");
  const waits = page.waitForEvent("download");
  await page.getByTestId("label-export").click();
  const [saved] = JSON.parse(readFileSync((await (await waits).path())!, "utf8"));
  expect(saved).toMatchObject({ source: "machine_temperature", time: when, label: "maintenance" });
});

test("alerts can be handled on a phone in the dark", async ({ page, relay }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 360, height: 800 });
  await open(page, relay.at("/?recording=machine_temperature"));
  await page.getByTestId("alert-record").first().scrollIntoViewIfNeeded();
  await keepScreenshot(page, "alerts-dark-360");
  await page.getByTestId("alert-record").first().click();
  await expect(page.getByTestId("record")).toContainText("digest");
  await keepScreenshot(page, "decision-dark-360");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});
