import { expect, keepScreenshot, test } from "../fixtures";
import { pixelsNear } from "../pixels";

test.use({ relayOptions: {} });

const PORTAL = `<!doctype html><title>Portal</title>
<style>
  body { margin: 0; }
  .day { --spate-surface: rgb(255 240 220); --spate-accent: #9a3412; --spate-series-0: #b00060; }
  .night { --spate-surface: #201008; --spate-series-0: #00e0a0; }
</style>
<body class="day"><iframe src="/?recording=nyc_taxi&kiosk=1&theme=light&viewPanel=2" style="width:100%;height:600px;border:0" title="Spate"></iframe>
<script src="/embed.js"></script>`;

test("a frame takes the look of the page around it, charts too, and follows it", async ({ page, relay }) => {
  await page.route("**/portal.html", (route) => route.fulfill({ contentType: "text/html", body: PORTAL }));
  await page.goto(relay.at("/portal.html"));
  const frame = page.frameLocator("iframe");
  const plot = frame.getByTestId("plot").first();
  await expect(plot).toBeVisible();
  const near = (color: [number, number, number]) => pixelsNear(page.locator("iframe"), color, 12);
  await expect.poll(() => near([255, 240, 220])).toBeGreaterThan(100_000);
  await expect.poll(() => near([176, 0, 96])).toBeGreaterThan(200);
  await keepScreenshot(page, "embedded");
  await page.evaluate(() => (document.body.className = "night"));
  await expect.poll(() => near([32, 16, 8])).toBeGreaterThan(100_000);
  await expect.poll(() => near([0, 224, 160])).toBeGreaterThan(200);
});
