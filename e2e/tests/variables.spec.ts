import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, keepScreenshot, type Relay, test } from "../fixtures";

test.use({ relayOptions: {}, expectedConsole: [/status of 404/] });

/** Events of shops, one of which has a comma in its name. */
async function publish(relay: Relay): Promise<void> {
  const lines = [];
  for (let i = 0; i < 400; i++) {
    const time = new Date(Date.UTC(2024, 0, 1) + i * 10_000).toISOString();
    for (const shop of ["Bonn, Rhine", "Lyon", "Oslo"]) {
      lines.push(JSON.stringify({ time, shop, ms: 100 + ((i * 7919) % 13) }));
    }
  }
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await fetch(relay.at("/api/v1/streams/shops/events"), { method: "POST", headers, body: lines.join("\n") });
  expect((await answer.json()).accepted).toBe(lines.length);
}

function lines(page: Page): Locator {
  return page.locator("[data-testid=panel][data-kind=time_series]").getByRole("list", { name: "Series" }).getByRole("button");
}

test("a variable filters every panel, is in the address, and comes back with it", async ({ page, relay }) => {
  await publish(relay);
  await page.goto(relay.url);
  await expect(lines(page)).toHaveCount(3);
  const button = page.getByTestId("variable-shop-button");
  await expect(button).toContainText("all");
  await button.click();
  await page.getByRole("checkbox", { name: "Bonn, Rhine" }).check();
  await page.getByRole("checkbox", { name: "Oslo" }).check();
  await keepScreenshot(page, "variables-light");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(lines(page)).toHaveCount(2);
  await expect(button).toContainText("Bonn, Rhine +1");
  await expect(page).toHaveURL(/var-shop=Bonn%2C\+Rhine&var-shop=Oslo/);
  await page.reload();
  await expect(lines(page)).toHaveCount(2);
  await page.goBack();
  await expect(lines(page)).toHaveCount(1);
  await button.click();
  await page.getByTestId("variable-all").check();
  await expect(lines(page)).toHaveCount(3);
  await expect(page).not.toHaveURL(/var-shop/);
});

test("what is chosen while the dashboard is changed becomes its own", async ({ page, relay }) => {
  await publish(relay);
  await page.goto(relay.url);
  await expect(lines(page)).toHaveCount(3);
  await page.keyboard.press("e");
  await page.getByTestId("variable-shop-button").click();
  await page.getByRole("checkbox", { name: "Lyon" }).check();
  await page.keyboard.press("Escape");
  await expect(lines(page)).toHaveCount(1);
  await expect(page).not.toHaveURL(/var-shop/);
  await page.getByTestId("keep").click();
  await page.reload();
  await expect(page.getByTestId("variable-shop-button")).toContainText("Lyon");
  await expect(lines(page)).toHaveCount(1);
});

test("a value with a comma is typed in panel settings", async ({ page, relay }) => {
  await publish(relay);
  await page.goto(relay.url);
  await expect(lines(page)).toHaveCount(3);
  await page.locator("[data-kind=time_series]").hover();
  await page.locator("[data-kind=time_series]").getByTestId("open-settings").click();
  const only = page.getByTestId("settings-only-shop");
  await only.fill('"Bonn, Rhine", Lyon');
  await only.press("Enter");
  await expect(page.getByTestId("settings-tried")).toContainText("not applied yet");
  await expect(lines(page)).toHaveCount(2);
  await page.keyboard.press("Escape");
  await expect(lines(page)).toHaveCount(3);
});
