import { expect, keepScreenshot, stats, test } from "../fixtures";

/** Where a panel stands on the grid of 24 columns. */
type Place = { x: number; y: number; w: number; h: number };

const at = (x: number, y: number, w: number, h: number): { layout: Place } => ({ layout: { x, y, w, h } });
const cpu = { stream: "cloud_cpu", measure: "cpu" };
const taxi = { stream: "nyc_taxi", measure: "passengers" };
const tweets = { stream: "tweet_volume", measure: "tweets" };
const heat = { stream: "machine_temperature", measure: "temperature" };
const ads = { stream: "ad_exchange", measure: "cpc" };

/** Every kind of panel, and every style of the one that has styles. */
const GALLERY = {
  title: "Every kind of panel",
  panels: [
    { kind: "stat", ...taxi, ...at(0, 0, 6, 4) },
    { kind: "gauge", ...cpu, options: { thresholds: "60 minor\n80 major\n95 critical" }, ...at(6, 0, 6, 4) },
    { kind: "top", ...tweets, options: { by: "max" }, ...at(12, 0, 6, 4) },
    { kind: "histogram", ...taxi, ...at(18, 0, 6, 4) },
    { kind: "time_series", ...heat, options: { thresholds: "70 major\n110 critical" }, title: "Lines, thresholds", ...at(0, 4, 12, 6) },
    { kind: "time_series", ...tweets, options: { style: "area", stack: true }, title: "Stacked areas", ...at(12, 4, 12, 6) },
    { kind: "time_series", ...taxi, options: { style: "bars" }, title: "Bars", ...at(0, 10, 8, 6) },
    { kind: "time_series", ...ads, options: { style: "steps", scale: "log" }, title: "Steps, logarithmic", ...at(8, 10, 8, 6) },
    { kind: "time_series", ...ads, options: { style: "points", also: "cpm" }, title: "Points, two axes", ...at(16, 10, 8, 6) },
    { kind: "heatmap", ...cpu, ...at(0, 16, 12, 6) },
    { kind: "swimlanes", ...tweets, ...at(12, 16, 12, 6) },
    { kind: "scatter", ...ads, options: { x: "cpm" }, ...at(0, 22, 8, 6) },
    { kind: "state_timeline", ...cpu, options: { thresholds: "20 minor\n60 major\n90 critical" }, ...at(8, 22, 16, 6) },
    { kind: "table", ...tweets, ...at(0, 28, 12, 6) },
    { kind: "event_log", ...ads, ...at(12, 28, 12, 6) },
    { kind: "alerts", ...at(0, 34, 24, 6) },
  ],
};

for (const theme of ["light", "dark"]) {
  for (const width of [1440, 768, 360]) {
    test(`every kind of panel is drawn, ${theme}, ${width} px`, async ({ page, relay }) => {
      // So high that all panels are on screen: what is not is not drawn.
      await page.setViewportSize({ width, height: width < 1000 ? 6600 : 3000 });
      await page.goto(relay.at(`/?theme=${theme}`));
      await expect(page.getByTestId("connection")).toHaveAttribute("data-state", "live");
      await page.keyboard.press("e");
      const file = { name: "gallery.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(GALLERY)) };
      await page.getByTestId("import-input").setInputFiles(file);
      await page.getByTestId("done").click();
      await expect(page.getByTestId("panel")).toHaveCount(GALLERY.panels.length);
      await expect(page.getByTestId("problem")).toHaveCount(0);
      const drawn = async () => (await stats(page)).panels.filter(({ painted }) => painted > 0).length;
      await expect.poll(drawn).toBeGreaterThanOrEqual(13);
      await expect(page.locator(".waiting")).toHaveCount(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await keepScreenshot(page, `gallery-${theme}-${width}`);
    });
  }
}
