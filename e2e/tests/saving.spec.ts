import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {} });

/** A paused recording, drawn. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await page.getByRole("button", { name: "Pause" }).click();
}

/** A tool of the chart. */
const tool = (page: Page, testid: string) => page.locator("[data-kind=time_series]").getByTestId(testid);

/** What a click saves. */
async function saved(page: Page, testid: string): Promise<{ name: string; bytes: Buffer }> {
  const waits = page.waitForEvent("download");
  await page.getByTestId(testid).click();
  const download = await waits;
  return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
}

test("the table twin shows every value of the range and scrolls through all of them", async ({ page, relay }) => {
  await open(page, relay.at("/?recording=nyc_taxi"));
  await tool(page, "open-table").click();
  const rows = page.getByTestId("table-row");
  await expect(rows.first()).toContainText("2014");
  const total = Number(await page.getByRole("table").last().getAttribute("aria-rowcount")) - 1;
  expect(total).toBeGreaterThan(500);
  expect(await rows.count()).toBeLessThan(200);
  await keepScreenshot(page, "table-light");
  await page.getByTestId("table").evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(rows.last()).toHaveAttribute("aria-rowindex", String(total + 1));
});

test("a panel is saved as PNG, CSV, JSON and Arrow", async ({ page, relay }) => {
  await open(page, relay.at("/?recording=nyc_taxi"));
  await tool(page, "open-save").click();
  await keepScreenshot(page, "save-light");
  const png = await saved(page, "save-png");
  expect([...png.bytes.subarray(1, 4)]).toEqual([..."PNG"].map((letter) => letter.charCodeAt(0)));
  const plot = (await page.getByTestId("plot").first().boundingBox())!;
  expect(png.bytes.readUInt32BE(16)).toBeGreaterThanOrEqual(Math.floor(plot.width) * 2);
  const csv = await saved(page, "save-csv");
  expect(csv.bytes.toString().split("\n")[0]).toBe("time,series,passengers,expected_lower,expected_upper,score");
  const json = await saved(page, "save-json");
  expect(JSON.parse(json.bytes.toString()).length).toBe(csv.bytes.toString().trim().split("\n").length - 1);
  const arrow = await saved(page, "save-arrow");
  expect(arrow.bytes.readUInt32LE(0)).toBe(0xffffffff);
  await page.getByTestId("part-all").check();
  const all = await saved(page, "save-csv");
  expect(all.bytes.length).toBeGreaterThan(csv.bytes.length);
});

test("an image is copied to the clipboard", async ({ page, relay, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, relay.at("/?recording=nyc_taxi"));
  await tool(page, "open-save").click();
  await page.getByTestId("copy-png").click();
  await expect(page.getByTestId("copied")).toContainText("on the clipboard");
  const types = await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
  expect(types).toContain("image/png");
});

test("a part of a recording that is played is saved as a recording, and played like one", async ({ page, relay }) => {
  await open(page, relay.at("/?recording=nyc_taxi"));
  await page.keyboard.press("s");
  const slice = await saved(page, "slice-shown");
  expect(slice.name).toBe("nyc_taxi-part.spate");
  await page.keyboard.press("Escape");
  const shown = { name: slice.name, mimeType: "application/octet-stream", buffer: slice.bytes };
  await page.getByTestId("file-input").first().setInputFiles(shown);
  await expect(page.getByTestId("source")).toHaveText("nyc_taxi-part.spate");
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  const received = async () => (await stats(page)).streams.nyc_taxi?.received ?? 0;
  await expect.poll(received).toBeGreaterThan(100);
  expect(await received()).toBeLessThan(5_000);
  await page.getByTestId("loop").click();
  await page.keyboard.press("s");
  await expect(page.getByTestId("slice-loop")).toBeVisible();
});

test.describe("a relay's history", () => {
  test.use({ relayOptions: { config: "recordings/relay.toml" } });

  test("is saved as a recording of the range, and played like one", async ({ page, relay }) => {
    await page.goto(relay.url);
    await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
    await page.getByTestId("fixed").click();
    await page.keyboard.press("s");
    const waits = page.waitForEvent("download");
    await page.getByTestId("save-slice").filter({ hasText: "nyc_taxi" }).click();
    const slice = await waits;
    expect(slice.suggestedFilename()).toBe("nyc_taxi.spate");
    expect(readFileSync((await slice.path())!).subarray(1, 6).toString()).toBe("SPATE");
    await page.getByTestId("play-history").filter({ hasText: "nyc_taxi" }).click();
    await expect(page.getByTestId("source")).toHaveText("nyc_taxi.spate");
    await expect(page.getByTestId("play")).toBeVisible();
    await expect.poll(async () => (await stats(page)).streams.nyc_taxi?.received ?? 0).toBeGreaterThan(1_000);
  });
});
