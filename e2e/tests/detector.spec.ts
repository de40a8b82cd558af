import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

/** The detector sheet of the first chart of a recording that is half played. */
async function open(page: Page, address: string): Promise<Locator> {
  await page.goto(address);
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByTestId("open-detector").first().click();
  const sheet = page.getByTestId("sheet");
  await expect(sheet.getByTestId("detector-headline")).toContainText("record-light watches");
  return sheet;
}

/** Play what is left as fast as possible. */
async function playOn(page: Page): Promise<void> {
  await page.getByTestId("speed").selectOption({ label: "As fast as possible" });
  await page.getByTestId("play").click();
}

test("what another detector would change is shown before it is accepted", async ({ page, relay }) => {
  const sheet = await open(page, relay.at("/?recording=machine_temperature"));
  await sheet.getByTestId("detector-name").selectOption("robust-z");
  await sheet.getByTestId("parameter-window").fill("300");
  await sheet.getByTestId("what-if").click();
  await expect(sheet.getByTestId("what-if-answer")).toContainText(/Over the [\d,]+ events held/);
  await sheet.getByTestId("what-if-lost").locator("summary").click();
  await expect(sheet.getByTestId("what-if-lost").getByRole("listitem").first()).toContainText("temperature");
  await keepScreenshot(page, "detector-light");
  await sheet.getByTestId("accept").click();
  await expect(sheet.getByTestId("detector-headline")).toContainText("robust-z watches");
});

test("what cannot be is said with what can", async ({ page, relay }) => {
  const sheet = await open(page, relay.at("/?recording=machine_temperature"));
  await sheet.getByTestId("detector-name").selectOption("robust-z");
  await sheet.getByTestId("parameter-window").fill("-1");
  await sheet.getByTestId("what-if").click();
  await expect(sheet.getByTestId("what-if-error")).toContainText("window of robust-z is a whole number from");
});

test("a second detector is compared and promoted", async ({ page, relay }) => {
  const sheet = await open(page, relay.at("/?recording=machine_temperature"));
  await sheet.getByTestId("detector-name").selectOption("robust-z");
  await sheet.getByTestId("shadow").click();
  await expect(sheet.getByTestId("shadow-status")).toContainText("robust-z");
  await playOn(page);
  await expect(sheet.getByTestId("shadow-status")).toContainText(/agreement\s*\d+ %/);
  await sheet.getByTestId("promote").click();
  await expect(sheet.getByTestId("detector-headline")).toContainText("robust-z watches");
});

test("the sensitivity alone can be set", async ({ page, relay }) => {
  const sheet = await open(page, relay.at("/?recording=machine_temperature"));
  await sheet.getByTestId("detector-sensitivity").fill("2");
  await sheet.getByTestId("set-sensitivity").click();
  await expect(sheet.getByTestId("detector-headline")).toContainText("alerting 2× as readily");
});

test("learning stops, and a forecast tells its coverage", async ({ page, relay }) => {
  const sheet = await open(page, relay.at("/?recording=nyc_taxi"));
  await sheet.getByTestId("freeze").click();
  await expect(sheet.getByTestId("detector-headline")).toContainText("learning is stopped");
  await sheet.getByTestId("freeze").click();
  await sheet.getByTestId("horizons").fill("1, 12");
  await sheet.getByTestId("forecast").click();
  await playOn(page);
  await expect(sheet.getByTestId("coverage")).toContainText(/12 events\s*[\d,]+\s*\d+ %/);
});

test("faults have a scoreboard, and what shows them says synthetic", async ({ page, relay }) => {
  const sheet = await open(page, relay.at("/?recording=machine_temperature"));
  await sheet.getByTestId("inject").click();
  await playOn(page);
  await expect(sheet.getByTestId("scoreboard")).toContainText(/record-light\s*\d+ %/);
  await expect(page.getByTestId("synthetic").first()).toBeVisible();
  await sheet.getByTestId("scoreboard").scrollIntoViewIfNeeded();
  await keepScreenshot(page, "faults-light");
  await sheet.getByTestId("inject-stop").click();
  await expect(sheet.getByTestId("scoreboard")).toBeHidden();
});

for (const [scheme, width] of [
  ["light", 1440],
  ["dark", 360],
] as const) {
  test(`axe finds nothing on the detector sheet, ${scheme}, ${width} px`, async ({ page, relay }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 800 });
    const sheet = await open(page, relay.at("/?recording=machine_temperature"));
    await sheet.getByTestId("what-if").click();
    await expect(sheet.getByTestId("what-if-answer")).toBeVisible();
    await keepScreenshot(page, `detector-${scheme}-${width}`);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
}

test("a detector that was accepted is in the address, which brings it back", async ({ page, relay }) => {
  const sheet = await open(page, relay.at("/?recording=machine_temperature"));
  await sheet.getByTestId("detector-name").selectOption("robust-z");
  await sheet.getByTestId("what-if").click();
  await sheet.getByTestId("accept").click();
  await expect(page).toHaveURL(/detector=machine_temperature%2Ftemperature%3Arobust-z/);
  await page.reload();
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.locator("[data-kind=time_series]").getByTestId("open-detector").click();
  await expect(page.getByTestId("detector-headline")).toContainText("robust-z watches");
});

test("going back takes an accepted detector back, going forward brings it again", async ({ page, relay }) => {
  const sheet = await open(page, relay.at("/?recording=machine_temperature"));
  const headline = page.getByTestId("detector-headline");
  const shipped = await headline.textContent();
  await sheet.getByTestId("detector-name").selectOption("robust-z");
  await sheet.getByTestId("what-if").click();
  await sheet.getByTestId("accept").click();
  await expect(headline).toContainText("robust-z watches");
  await expect(page).toHaveURL(/detector=/);
  await page.goBack();
  await expect(page).not.toHaveURL(/detector=/);
  await expect(headline).toHaveText(shipped!);
  await page.goForward();
  await expect(headline).toContainText("robust-z watches");
});

test("a detector in the address that cannot be is said, and the rest is applied", async ({ page, relay }) => {
  await page.goto(relay.at("/?recording=machine_temperature&theme=dark&detector=oops&detector=machine_temperature/temperature:nothing"));
  await expect(page.getByTestId("problem").filter({ hasText: "STREAM/MEASURE:DETECTOR" })).toBeVisible();
  await expect(page.getByTestId("problem").filter({ hasText: 'no detector "nothing"' })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
