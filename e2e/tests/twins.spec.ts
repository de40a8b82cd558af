import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { showPanels } from "../board";
import { expect, keepScreenshot, stats, test } from "../fixtures";

test.use({ relayOptions: {}, expectedConsole: [/status of 404/] });

const KINDS = [
  "time_series", "stat", "gauge", "top", "histogram", "heatmap", "scatter", "state_timeline", "swimlanes", "table",
  "event_log", "alerts",
];

/** A file of two measures of two machines, one value of which is unusual. */
const CSV = ["time,machine,state,load,power"]
  .concat(
    Array.from({ length: 800 }, (_, i) => {
      const load = i === 700 ? 900 : 50 + ((i * 7919) % 13);
      return `${new Date(Date.UTC(2024, 0, 1) + i * 1000).toISOString()},m${i % 2},${i % 80 < 60 ? "up" : "idle"},${load},${2 * i}`;
    }),
  )
  .join("\n");

/** That file, played to its end, with a panel of every kind. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  const file = { name: "machines.csv", mimeType: "text/csv", buffer: Buffer.from(CSV) };
  await page.getByTestId("file-input").first().setInputFiles(file);
  await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
  await showPanels(page, KINDS.map((kind) => (kind === "alerts" ? { kind } : { kind, stream: "machines", measure: "load" })));
  await page.getByRole("slider").focus();
  await page.keyboard.press("End");
  // Lists are filled while they can be seen.
  await page.locator("[data-kind=alerts]").scrollIntoViewIfNeeded();
  await expect(page.getByTestId("alert").first()).toBeVisible();
}

/** What a click saves. */
async function saved(page: Page, testid: string): Promise<{ name: string; bytes: Buffer }> {
  const waits = page.waitForEvent("download");
  await page.getByTestId(testid).click();
  const download = await waits;
  return { name: download.suggestedFilename(), bytes: readFileSync((await download.path())!) };
}

test("every kind of panel has a table, files of the same rows, and a picture", async ({ page, relay }) => {
  test.slow();
  await open(page, relay.at("/?theme=light"));
  for (const kind of KINDS) {
    const panel = page.locator(`[data-testid=panel][data-kind=${kind}]`);
    await panel.hover();
    await panel.getByTestId("open-table").click();
    await expect(page.getByTestId("table-row").first(), kind).toContainText(/20\d\d/);
    const total = Number(await page.getByTestId("table").getByRole("table").getAttribute("aria-rowcount")) - 1;
    await keepScreenshot(page, `twin-${kind}-light`);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    const csv = await saved(page, "save-csv");
    expect(csv.bytes.toString().trim().split("\n").length - 1, kind).toBe(total);
    const png = await saved(page, "save-png");
    expect(png.bytes.readUInt32BE(16), kind).toBeGreaterThan(100);
    await page.keyboard.press("Escape");
  }
});

test("keys and the palette open the table and the files of the panel that is pointed at", async ({ page, relay }) => {
  await open(page, relay.at("/"));
  await page.locator("[data-kind=histogram]").focus();
  await page.keyboard.press("Shift+T");
  await expect(page.getByTestId("table").getByRole("columnheader")).toContainText(["from", "to", "low", "high", "events"]);
  await page.keyboard.press("Escape");
  await expect(page.locator("[data-kind=histogram]")).toBeFocused();
  await page.keyboard.press("Shift+S");
  await expect(page.getByTestId("save-arrow")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("table of load");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("table-row").first()).toBeVisible();
});

for (const width of [1440, 768, 360]) {
  test(`a title has its whole row while the panel is not pointed at, ${width} px`, async ({ page, relay }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(relay.at("/?recording=nyc_taxi&theme=light"));
    await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
    await page.mouse.move(0, 0);
    const cut = await page.locator(".panel-title").evaluateAll((all) => all.filter((title) => title.scrollWidth > title.clientWidth).length);
    expect(cut).toBe(0);
    await keepScreenshot(page, `titles-${width}`);
  });
}

test.describe("with fingers", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });

  test("tools are behind one button that does not take the title", async ({ page, relay }) => {
    await page.goto(relay.at("/?recording=nyc_taxi&theme=light"));
    await expect.poll(async () => (await stats(page)).panels.some((panel) => panel.painted > 0)).toBe(true);
    const panel = page.locator("[data-kind=time_series]");
    await expect(panel.getByTestId("open-table")).toBeHidden();
    await panel.getByTestId("panel-more").tap();
    await expect(panel.getByTestId("open-table")).toBeVisible();
    await keepScreenshot(page, "panel-more-360");
    expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
    await panel.getByTestId("open-table").tap();
    await expect(page.getByTestId("table-row").first()).toBeVisible();
    await expect(panel.getByTestId("open-table")).toBeHidden();
  });
});
