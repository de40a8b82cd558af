import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, keepScreenshot, type Relay, stats, test } from "../fixtures";

test.use({ relayOptions: {}, expectedConsole: [/status of 404/] });

/** Publish events of three shops, ten seconds apart, from second `from` to second `to` of the day. */
async function publish(relay: Relay, from: number, to: number, ms: (i: number) => number): Promise<void> {
  const lines = [];
  for (let i = from / 10; i < to / 10; i++) {
    const time = new Date(Date.UTC(2024, 0, 1) + i * 10_000).toISOString();
    for (const [shop, factor] of [["a", 1], ["b", 2], ["c", 3]] as const) {
      const state = i % 40 < 30 ? "up" : "slow";
      lines.push(JSON.stringify({ time, shop, state, ms: ms(i) * factor, load: 50 + ((i * 7919 * factor) % 13) }));
    }
  }
  const body = lines.join("\n");
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await fetch(relay.at("/api/v1/streams/shops/events"), { method: "POST", headers, body });
  expect((await answer.json()).accepted).toBe(lines.length);
}

/** The settings of the chart of a measure of a live stream. */
async function open(page: Page, relay: Relay): Promise<Locator> {
  await publish(relay, 0, 3600, (i) => 100 + 20 * Math.sin(i / 20));
  await page.goto(relay.url);
  const chart = chartOf(page);
  await expect(chart.getByRole("list", { name: "Series" })).toContainText("a");
  await chart.hover();
  await chart.getByTestId("open-settings").click();
  const sheet = page.getByTestId("sheet");
  await expect(sheet.getByTestId("settings-kind")).toHaveValue("time_series");
  return sheet;
}

function chartOf(page: Page): Locator {
  return page.locator("[data-testid=panel][data-kind=time_series]").filter({ hasText: "ms" });
}

/** What panels of a kind have drawn. */
async function drawn(page: Page, kind: string): Promise<number> {
  const panels = (await stats(page)).panels.filter((panel) => panel.kind === kind && panel.painted > 0);
  return Math.max(0, ...panels.map((panel) => panel.points));
}

test("a chart becomes the 95th percentile of windows, a line for each shop, and follows", async ({ page, relay }) => {
  const sheet = await open(page, relay);
  await sheet.getByTestId("settings-windows").check();
  await expect(sheet.getByTestId("settings-aggregates")).toHaveValue("mean(ms)");
  await sheet.getByTestId("settings-width").fill("1m");
  await sheet.getByTestId("settings-aggregates").fill("p95(ms)");
  await sheet.getByTestId("settings-by-shop").check();
  await keepScreenshot(page, "settings-light");
  await sheet.getByTestId("settings-apply").click();
  const lines = chartOf(page).getByRole("list", { name: "Series" }).getByRole("button");
  await expect(lines).toHaveCount(3);
  await expect(sheet.getByTestId("settings-aggregates")).toHaveValue("p95(ms)");
  await sheet.getByTestId("sheet-close").click();
  await publish(relay, 3600, 4200, () => 500);
  // The sketch is right to within 0.8 %.
  await expect(lines.nth(0)).toContainText(/a\s*(49[6-9]|50[0-4])/);
  await expect(lines.nth(1)).toContainText(/b\s*(99[2-9]|1(\.0\d*)? k)/);
  await keepScreenshot(page, "settings-p95-light");
});

test("what is wrong is said at its field, and nothing can be applied until it is right", async ({ page, relay }) => {
  const sheet = await open(page, relay);
  const apply = sheet.getByTestId("settings-apply");
  await sheet.getByTestId("settings-windows").check();
  await expect(apply).toBeEnabled();
  for (const [field, wrong, right, says] of [
    ["settings-width", "soon", "5m", "not a duration"],
    ["settings-where", "ms >", "ms > 1", "expected a value or a field"],
    ["settings-aggregates", "mean(likes)", "max(ms)", "no field is called"],
    ["settings-option-line_width", "60", "2", "from 1 to 6"],
  ] as const) {
    await sheet.getByTestId(field).fill(wrong);
    await expect(sheet.getByText(says)).toBeVisible();
    await expect(apply).toBeDisabled();
    await sheet.getByTestId(field).fill(right);
    await expect(sheet.getByText(says)).toBeHidden();
    await expect(apply).toBeEnabled();
  }
});

test("a heat map is added beside a chart, and undone", async ({ page, relay }) => {
  const sheet = await open(page, relay);
  await sheet.getByTestId("settings-kind").selectOption("heatmap");
  await expect(sheet.getByTestId("settings-windows")).toBeHidden();
  await sheet.getByTestId("settings-option-rows").fill("12");
  await sheet.getByTestId("settings-title").fill("Shops <b>");
  await sheet.getByTestId("settings-add").click();
  const added = page.locator("[data-testid=panel][data-kind=heatmap]");
  await expect(added.getByRole("heading")).toContainText("Shops <b>");
  await expect(added).toBeInViewport();
  await expect.poll(() => drawn(page, "heatmap")).toBeGreaterThan(0);
  await expect(sheet.getByTestId("settings-option-rows")).toHaveValue("12");
  await sheet.getByTestId("settings-undo").click();
  await expect(added).toBeHidden();
  await expect(sheet).toBeHidden();
});

for (const [scheme, width] of [
  ["light", 1440],
  ["dark", 360],
] as const) {
  test(`every kind of panel shows live events, ${scheme}, ${width} px`, async ({ page, relay }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 900 });
    const sheet = await open(page, relay);
    const kinds = ["stat", "gauge", "top", "histogram", "heatmap", "scatter", "state_timeline", "swimlanes"];
    let before: Buffer = Buffer.alloc(0);
    for (const kind of [...kinds, "table", "event_log", "time_series"]) {
      await sheet.getByTestId("settings-kind").selectOption(kind);
      await sheet.getByTestId("settings-apply").click();
      await sheet.getByTestId("sheet-close").click();
      const panel = page.locator(`[data-testid=panel][data-kind=${kind}]`).filter({ hasText: "ms" }).last();
      if (kind === "table" || kind === "event_log") {
        await expect(panel.getByTestId("rows-row").first()).toContainText("slow");
      } else {
        await expect.poll(() => drawn(page, kind)).toBeGreaterThan(0);
        // Another drawing, not that of the kind before.
        await expect.poll(async () => (await panel.locator("canvas").screenshot()).equals(before)).toBe(false);
        before = await panel.locator("canvas").screenshot();
      }
      await keepScreenshot(page, `settings-${kind}-${scheme}-${width}`);
      await panel.hover();
      await panel.getByTestId("open-settings").click();
    }
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
}
